/**
 * Whether a refused credential is its account's trouble or the provider's: the live credentials of a few other accounts are tried as
 * well. Each is used once and forgotten; nothing else is done for those accounts.
 */
import type { Result } from '../domain/failure.ts';
import type { AccountRecord } from '../domain/record.ts';
import { refusalOf } from '../domain/refusal.ts';
import type { OthersTried } from '../domain/situation.ts';
import type { AccountRow, Journal } from '../ports/journal.ts';
import type { Clock } from '../ports/clock.ts';
import type { Proof, Provider } from '../ports/provider.ts';
import type { Random } from '../ports/random.ts';
import type { SharedHolds } from './shared-holds.ts';

/** Accounts whose credentials are tried at once. */
const OTHERS_MAX = 3;
/** They are chosen at random among so many, because those with similar names may share a fate. */
const CHOSEN_FROM = 200;
/** However many accounts ask within this time, others are tried once, in ms. */
const KEPT_MS = 60_000;

export interface Others {
  /**
   * Tries others than the account of this name, and holds the provider as `many-refused` or lifts that. Looks and tries cost one call
   * each: of the manager's quota, and of those accounts' own.
   */
  tryOut(
    provider: Provider,
    options: { readonly except?: string; readonly signal: AbortSignal },
  ): Promise<OthersTried>;
}

interface Parts {
  readonly clock: Clock;
  readonly random: Random;
  readonly journal: Pick<Journal, 'accounts'>;
  readonly sharedHolds: SharedHolds;
}

export function createOthers(parts: Parts): Others {
  const { clock } = parts;
  const known = new Map<string, { readonly at: number; readonly tried: Promise<OthersTried> }>();
  return {
    tryOut(provider, options) {
      const now = clock.now();
      const last = known.get(provider.name);
      if (last !== undefined && last.at <= now && last.at + KEPT_MS > now) return last.tried;
      const tried = tryOut(parts, provider, options);
      const entry = { at: now, tried };
      known.set(provider.name, entry);
      tried.catch(() => {
        if (known.get(provider.name) === entry) known.delete(provider.name);
      });
      return tried;
    },
  };
}

async function tryOut(
  { clock, random, journal, sharedHolds }: Parts,
  provider: Provider,
  { except, signal }: { readonly except?: string; readonly signal: AbortSignal },
): Promise<OthersTried> {
  const at = clock.now();
  const { chosen, isNobodyLeft } = await choose({ random, journal }, provider, except);
  const outcomes = await outcomesOf(chosen, provider, signal);
  const count = (outcome: string) => outcomes.filter((one) => one === outcome).length;
  const [accepted, refused] = [count('accepted'), count('refused')];
  const unknown = chosen.length - accepted - refused;
  if (refused > 0) {
    const message =
      `${refused + (except === undefined ? 0 : 1)} of ${chosen.length + (except === undefined ? 0 : 1)} accounts whose live ` +
      `credential was tried are refused, though ${provider.name} shows these credentials as live. Nothing is minted and nobody ` +
      'parked because of that: see what is wrong at the provider';
    await sharedHolds.manyRefused(provider.name, message);
  } else if (accepted > 0 || isNobodyLeft) {
    await sharedHolds.manyAccepted(provider.name);
  }
  return { at, accepted, refused, unknown };
}

interface Chosen {
  readonly chosen: readonly AccountRow[];
  /** None of all accounts can be tried, such as after the others have left: what is held because of them would stand for ever. */
  readonly isNobodyLeft: boolean;
}

async function choose(
  { random, journal }: Pick<Parts, 'random' | 'journal'>,
  { name, origin }: Provider,
  except: string | undefined,
): Promise<Chosen> {
  const fits = ({ policy, record }: AccountRow) =>
    policy.name !== except &&
    policy.origin === origin &&
    record.live !== undefined &&
    !isOwnTrouble(record) &&
    Object.keys(record.held).length === 0;
  const pages = [{ provider: name, limit: CHOSEN_FROM, ...(except && { after: except }) }];
  if (except !== undefined) pages.push({ provider: name, limit: CHOSEN_FROM });
  const found = new Map<number, AccountRow>();
  let isAll = false;
  for (const page of pages) {
    if (found.size >= OTHERS_MAX) break;
    const { items, next } = await journal.accounts(page);
    for (const row of items) if (fits(row)) found.set(row.id, row);
    isAll = next === undefined;
  }
  const chosen = [...found.values()]
    .map((row) => ({ row, place: random.fraction() }))
    .toSorted((one, other) => one.place - other.place)
    .slice(0, OTHERS_MAX)
    .map(({ row }) => row);
  return { chosen, isNobodyLeft: except === undefined && isAll && chosen.length === 0 };
}

/**
 * Its credential was refused for certain while others were accepted, or a person was called for it: that it is refused says nothing of the
 * provider.
 */
function isOwnTrouble(record: AccountRecord): boolean {
  const refusal = refusalOf(record);
  return refusal !== undefined && (refusal.countedAt !== undefined || record.parked !== undefined);
}

async function outcomesOf(
  chosen: readonly AccountRow[],
  provider: Provider,
  signal: AbortSignal,
): Promise<readonly ('accepted' | 'refused' | 'unknown')[]> {
  if (chosen.length === 0) return [];
  const refs = chosen.map(({ policy }) => provider.refOf(policy));
  const seen = await provider.observe(refs, { signal });
  if (!seen.ok) return [];
  const lives = refs.flatMap((ref) => {
    const account = seen.value.accounts.get(ref.accountId);
    return account?.state === 'open' && account.live !== undefined ? [{ live: account.live, ref }] : [];
  });
  return Promise.all(lives.map(({ live, ref }) => outcomeOf(provider.prove(live, { signal, account: ref }))));
}

async function outcomeOf(proving: Promise<Result<Proof>>): Promise<'accepted' | 'refused' | 'unknown'> {
  const result = await proving;
  if (result.ok) return 'accepted';
  return result.failure.kind === 'credential-refused' ? 'refused' : 'unknown';
}
