/**
 * Reads the accounts that are taken by their names at a provider. What is found there never makes a configuration bad: an account that does
 * not fit is left out, and said. One that is written out in the configuration is not taken a second time.
 */
import type { Found, FoundAccount } from '../ports/journal-found.ts';
import { readAccount, type AccountContext } from './account.ts';
import { accountOf, isTakenBy, type AccountsFrom, type WrittenAccountsFrom } from './accounts-from.ts';
import { warningsOf } from './account-warnings.ts';
import type { Packer } from './batches.ts';
import type { Findings } from './findings.ts';
import { gatherFleet, type Fleet } from './fleet.ts';
import type { MainFile } from './main-file.ts';
import type { Flaw, Path } from './problem.ts';

/** One way in which accounts are taken, with what came of it; counts are absent where nothing has changed. */
export interface TakenFrom extends AccountsFrom {
  /** Found accounts that it takes by their names. */
  readonly matched?: number;
  /** Of these, those that are written out in the configuration, or taken in a way before this one. */
  readonly written?: number;
  /** Of these, those that were left out because they do not fit. */
  readonly leftOut?: number;
}

export interface FoundReading {
  readonly now: number;
  readonly found: Found;
  readonly findings: Findings;
}

const SAMPLES: readonly FoundAccount[] = [
  { id: 'some-id', name: 'some-account' },
  { id: 'other-id', name: 'other-account' },
];
/** Words that an account taken by its name has from elsewhere than the template. */
const NOT_OF_THE_TEMPLATE = ['provider', 'accountId', 'accountIds'];

/** Tries each template with accounts that do not exist: what is wrong with it is known before there are any. */
export function checkTemplates(main: MainFile, { now, findings }: FoundReading): void {
  for (const from of main.accountsFrom) checkTemplate(from, { main, context: { ...main, now }, findings });
}

function checkTemplate(
  from: WrittenAccountsFrom,
  {
    main,
    context,
    findings,
  }: { readonly main: MainFile; readonly context: AccountContext; readonly findings: Findings },
): void {
  const fleet = gatherFleet();
  for (const sample of SAMPLES) {
    const { account, flaws, claims } = readAccount(accountOf(from, sample), context);
    for (const { inDefaults, ...flaw } of flaws) {
      const path = inDefaults === true ? ['defaults', ...flaw.path] : pathOf(from, flaw);
      findings.problem(main.problemOf({ ...flaw, path }));
    }
    if (account === undefined) return;
    for (const { kind, path, message } of warningsOf(account, main.stores)) {
      const at = { path: [...from.path, 'template', ...path], at: 'value', message } as const;
      findings.warning(kind, main.problemOf(at));
    }
    if (fleet.add(claims, { file: '', line: 0 }).length === 0) continue;
    const message =
      'all of its accounts would share a name or a target; put <name> or <id> into the name and into each address (or key)';
    findings.problem(main.problemOf({ path: [...from.path, 'template'], at: 'value', message }));
    return;
  }
}

function pathOf({ path }: WrittenAccountsFrom, flaw: Flaw): Path {
  const key = String(flaw.path[0]);
  if (key === 'provider') return [...path, 'provider'];
  return NOT_OF_THE_TEMPLATE.includes(key) ? [...path, 'template'] : [...path, 'template', ...flaw.path];
}

/** Adds those that fit to the fleet and, where they are to be applied, to the packer. */
export function readFound(
  into: {
    readonly from: WrittenAccountsFrom;
    readonly main: MainFile;
    readonly fleet: Fleet;
    readonly packer: Packer | undefined;
  },
  { now, found, findings }: FoundReading,
): TakenFrom {
  const { from, main, fleet, packer } = into;
  const { path, template: _, ...plain } = from;
  const warn = (kind: string, message: string): void =>
    findings.warning(kind, main.problemOf({ path, at: 'value', message }));
  const isTaken = isTakenBy(from);
  const matching = (found.get(from.provider) ?? []).filter(({ name }) => isTaken(name));
  if (matching.length > from.limit) {
    const words = `${matching.length} accounts match, more than the limit of ${from.limit}: the first ${from.limit} are taken`;
    warn('found-limit', `${words}; narrow match, or raise limit`);
  }
  const where = { file: 'accountsFrom', line: main.problemOf({ path, at: 'value', message: '' }).line };
  let written = 0;
  let leftOut = 0;
  for (const one of matching.slice(0, from.limit)) {
    const { account, claims, flaws } = readAccount(accountOf(from, one), { ...main, now });
    if (fleet.hasId(claims)) {
      written += 1;
      continue;
    }
    const wrong = flaws.length > 0 ? flaws : fleet.addIfFree(claims, where);
    const [flaw] = wrong;
    if (account === undefined || flaw !== undefined) {
      leftOut += 1;
      warn('found', `the account ${one.id} (${one.name}) is left out: ${flaw?.message ?? 'it does not fit'}`);
      continue;
    }
    packer?.add(account);
  }
  return { ...plain, matched: matching.length, written, leftOut };
}
