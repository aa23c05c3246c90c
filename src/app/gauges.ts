/** The state of accounts in numbers, page by page from the journal, for metrics and readiness. */
import { HOLDS } from '../domain/hold.ts';
import { accountPages } from '../http/account-pages.ts';
import { accountView } from '../http/views.ts';
import type { AccountReadiness } from '../http/probes.ts';
import type { AccountFilter, AccountRow, Journal, Shared } from '../ports/journal.ts';
import type { AccountGauges } from '../ports/telemetry.ts';

const PAGE = 500;
/** An account that is due for longer than this is overdue, in ms. */
const OVERDUE_MS = 60_000;

/** All configured accounts; above `accountsMax` of them only those in trouble. */
export async function* gaugePages(
  journal: Journal,
  options: { readonly now: number; readonly accounts: number; readonly accountsMax: number },
): AsyncGenerator<readonly AccountGauges[]> {
  const shared = await journal.shared();
  const { accounts, accountsMax, now } = options;
  const filter: AccountFilter = {
    limit: PAGE,
    ...(accounts > accountsMax ? { troubledSince: now - OVERDUE_MS } : {}),
  };
  for await (const rows of accountPages(journal, filter)) yield rows.map((row) => gaugesOf(row, shared, now));
}

function gaugesOf(row: AccountRow, shared: Shared, now: number): AccountGauges {
  const view = accountView(row, shared, now);
  const overdue = view.due !== undefined && view.due.dueAt + OVERDUE_MS < now;
  const nextAt = view.due?.dueAt ?? view.dueNext?.dueAt;
  return {
    account: view.name,
    provider: view.provider,
    failures: view.failures,
    holds: view.holds.map(({ kind }) => kind),
    converged: view.converged,
    overdue,
    ...(view.ageFrom && { issuedAt: view.ageFrom.at }),
    ...(nextAt === undefined ? {} : { nextAt }),
    ...(view.live?.expiresAt === undefined ? {} : { expiresAt: view.live.expiresAt }),
  };
}

/** Ready: every target holds the live credential, and nothing stops a mint that a person asks for. */
export async function readinessOf(
  journal: Journal,
  name: string,
  now: number,
): Promise<AccountReadiness | undefined> {
  const [row, shared] = await Promise.all([journal.account(name), journal.shared()]);
  if (row?.configured !== true) return undefined;
  const { converged, holds } = accountView(row, shared, now);
  const stopped = holds.some(({ kind }) => (HOLDS[kind].stops as readonly string[]).includes('mint'));
  return { ready: converged && !stopped, converged, holds };
}
