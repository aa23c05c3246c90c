/**
 * The gauges of single accounts: at most six each, for a bounded number of accounts. Written as text in pieces, so that
 * a scrape of a fleet never stops the event loop.
 */
import type { AccountGauges } from '../ports/telemetry.ts';

interface AccountGauge {
  readonly name: string;
  readonly help: string;
  /** `undefined` where it does not apply to the account. */
  readonly value: (account: AccountGauges, now: number) => number | undefined;
}

export const ACCOUNT_LABELS = ['account', 'provider'] as const;

export const ACCOUNT_GAUGES: readonly AccountGauge[] = [
  {
    name: 'rekeyd_account_credential_age_seconds',
    help: 'Age of the live credential.',
    value: ({ issuedAt }, now) => secondsBetween(issuedAt, now),
  },
  {
    name: 'rekeyd_account_until_next_rotation_seconds',
    help: 'Time until the account is due next; negative while it is overdue.',
    value: ({ nextAt }, now) => secondsBetween(now, nextAt),
  },
  {
    name: 'rekeyd_account_until_expiry_seconds',
    help: 'Time until the live credential expires; absent where it does not.',
    value: ({ expiresAt }, now) => secondsBetween(now, expiresAt),
  },
  {
    name: 'rekeyd_account_consecutive_failures',
    help: 'Failures of its own in a row.',
    value: ({ failures }) => failures,
  },
  {
    name: 'rekeyd_account_held',
    help: '1 while some hold is in force for the account.',
    value: ({ holds }) => (holds.length > 0 ? 1 : 0),
  },
  {
    name: 'rekeyd_account_converged',
    help: '1 while every target holds the live credential.',
    value: ({ converged }) => (converged ? 1 : 0),
  },
];

export const LEFT_OUT = {
  name: 'rekeyd_accounts_without_series',
  help: 'Accounts that have no series of their own, because there are more than metrics.maxAccounts.',
} as const;

const ACCOUNTS_IN_A_PIECE = 250;

/**
 * The account gauges in the text format of Prometheus, in pieces. With more accounts than `accountsMax` only those that
 * are held, overdue or not converged are written, the first `accountsMax` of them. `total` says how many accounts there are
 * where the pages do not bring all.
 */
export async function* renderAccounts(
  pages: AsyncIterable<readonly AccountGauges[]>,
  options: { readonly now: number; readonly accountsMax: number; readonly total?: number },
): AsyncGenerator<string, void, undefined> {
  const { accounts, total } = await choose(pages, options);
  for (const gauge of ACCOUNT_GAUGES) {
    yield header(gauge.name, gauge.help);
    for (let start = 0; start < accounts.length; start += ACCOUNTS_IN_A_PIECE) {
      const piece = accounts.slice(start, start + ACCOUNTS_IN_A_PIECE);
      yield piece.map((account) => line(gauge, account, options.now)).join('');
      await turn();
    }
  }
  yield `${header(LEFT_OUT.name, LEFT_OUT.help)}${LEFT_OUT.name} ${Math.max(0, total - accounts.length)}\n`;
}

/** Keeps no more than `accountsMax` accounts of each kind, however many the pages bring. */
async function choose(
  pages: AsyncIterable<readonly AccountGauges[]>,
  { accountsMax, total = 0 }: { readonly accountsMax: number; readonly total?: number },
): Promise<{ readonly accounts: readonly AccountGauges[]; readonly total: number }> {
  const first: AccountGauges[] = [];
  const troubled: AccountGauges[] = [];
  let seen = 0;
  for await (const page of pages) {
    seen += page.length;
    for (const account of page) {
      if (first.length < accountsMax) first.push(account);
      if (isTroubled(account) && troubled.length < accountsMax) troubled.push(account);
    }
    await turn();
  }
  const all = Math.max(seen, total);
  return { accounts: all > accountsMax ? troubled : first, total: all };
}

function isTroubled({ holds, overdue, converged }: AccountGauges): boolean {
  return holds.length > 0 || overdue || !converged;
}

function header(name: string, help: string): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n`;
}

function line({ name, value }: AccountGauge, account: AccountGauges, now: number): string {
  const number = value(account, now);
  if (number === undefined) return '';
  return `${name}{account="${escape(account.account)}",provider="${escape(account.provider)}"} ${number}\n`;
}

function escape(label: string): string {
  return label.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function secondsBetween(from: number | undefined, to: number | undefined): number | undefined {
  return from === undefined || to === undefined ? undefined : (to - from) / 1_000;
}

/** Lets the event loop do what has come in meanwhile. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
