/** Makes an account's policy from what the configuration says of it, and finds all that is wrong with it alone. */
import type { z } from 'zod';
import type { Account } from '../domain/account.ts';
import { claimsOf, readIds, readProvider, readStrategy, type AccountClaims } from './account-identity.ts';
import { accountSchema, type AccountDefaults, type AccountSettings } from './account-schema.ts';
import { graceFlaws } from './account-grace.ts';
import { readTarget } from './account-target.ts';
import { readTiming } from './account-timing.ts';
import { isMapping, originOf, type KnownConnections } from './connections.ts';
import type { Flaw, Path } from './problem.ts';
import { check } from './zod-flaws.ts';

/** What accounts are read against. */
export interface AccountContext extends KnownConnections {
  readonly defaults: AccountDefaults;
  /** Ms since the epoch. */
  readonly now: number;
}

export interface ReadAccount {
  /** Absent where there is a flaw. */
  readonly account?: Account;
  readonly claims: AccountClaims;
  readonly flaws: readonly Flaw[];
}

const MIN_INTERVAL_MS = 600_000;
const VERIFY_MS = 6 * 3_600_000;

export function readAccount(raw: unknown, context: AccountContext): ReadAccount {
  const checked = check(accountSchema, raw);
  const own = checked.ok ? checked.value : (salvage(accountSchema.shape, raw) as Partial<AccountSettings>);
  const flaws: Flaw[] = checked.ok ? [] : [...checked.flaws];
  const words = { ...context.defaults, ...own, labels: { ...context.defaults.labels, ...own.labels } };
  const flawAt = (path: Path, message: string): Flaw => flawOf(path, message, { own, context });
  const reading = { flaws, flawAt };

  const written = isMapping(raw) && Object.hasOwn(raw, 'provider');
  const provider = readProvider(words.provider, { ...reading, providers: context.providers, written });
  const strategy = readStrategy(words.strategy, { ...reading, provider });
  const accountIds = readIds(own, { strategy, flaws, complete: checked.ok });
  const minIntervalMs = words.minInterval ?? MIN_INTERVAL_MS;
  const { flaws: timingFlaws, ...timing } = readTiming({ words, flawAt }, minIntervalMs, context.now);
  const read = (own.targets ?? []).map((target, index) =>
    readTarget(target, { stores: context.stores, consumers: context.consumers, provider }, [
      'targets',
      index,
    ]),
  );
  flaws.push(...graceFlaws(words, { strategy, flawAt }));
  flaws.push(...timingFlaws, ...read.flatMap((each) => each.flaws));

  const origin = provider && originOf(provider);
  const organisation = words.organisation ?? '';
  const claims = claimsOf(own, { origin, organisation, accountIds, read });
  const targets = read.flatMap(({ target }) => target ?? []);
  const [firstTarget, ...moreTargets] = targets;
  const [firstId, ...moreIds] = accountIds;
  if (flaws.length > 0 || own.name === undefined || targets.length < read.length) return { claims, flaws };
  if (provider === undefined || origin === undefined || strategy === undefined) return { claims, flaws };
  if (firstId === undefined || firstTarget === undefined) return { claims, flaws };
  const account: Account = {
    name: own.name,
    provider: provider.name,
    origin,
    organisation,
    accountIds: [firstId, ...moreIds],
    strategy,
    ...timing,
    minIntervalMs,
    ...restOf(words),
    targets: [firstTarget, ...moreTargets],
  };
  return { account, claims, flaws };
}

type Rest = Pick<
  Account,
  | 'labels'
  | 'jitterMs'
  | 'missed'
  | 'rotateBeforeExpiryMs'
  | 'rotateOnAdopt'
  | 'reopenClosed'
  | 'priority'
  | 'paused'
  | 'onDrift'
  | 'verifyMs'
  | 'onRefused'
  | 'graceMs'
  | 'retireHardLimitMs'
>;

/** What is taken over as it is written. */
function restOf(words: AccountDefaults): Rest {
  return {
    labels: words.labels ?? {},
    jitterMs: words.jitter ?? 0,
    missed: words.missed ?? 'run',
    ...(typeof words.rotateBeforeExpiry === 'number' && { rotateBeforeExpiryMs: words.rotateBeforeExpiry }),
    rotateOnAdopt: words.rotateOnAdopt ?? false,
    reopenClosed: words.reopenClosed ?? false,
    priority: words.priority ?? 0,
    paused: words.paused ?? false,
    onDrift: words.onDrift ?? 'deliver',
    ...(words.verify !== 'off' && { verifyMs: words.verify ?? VERIFY_MS }),
    onRefused: words.onRefused ?? 'park',
    ...(words.grace !== undefined && { graceMs: words.grace }),
    ...(words.retireHardLimit !== undefined && { retireHardLimitMs: words.retireHardLimit }),
  };
}

/** The flaw where the word stands: in the account if it says so itself, else in the defaults. */
function flawOf(
  path: Path,
  message: string,
  { own, context }: { readonly own: Partial<AccountSettings>; readonly context: AccountContext },
): Flaw {
  const key = String(path[0]);
  const inDefaults = !Object.hasOwn(own, key) && Object.hasOwn(context.defaults, key);
  return { path, at: 'value', message, ...(inDefaults && { inDefaults }) };
}

/** The values under the keys of a schema that are right by themselves, of a mapping in which others are wrong. */
export function salvage(
  shape: Readonly<Record<string, z.ZodType>>,
  raw: unknown,
): Readonly<Record<string, unknown>> {
  const kept: Record<string, unknown> = {};
  if (!isMapping(raw)) return kept;
  for (const [key, schema] of Object.entries(shape)) {
    if (!Object.hasOwn(raw, key)) continue;
    const parsed = schema.safeParse(raw[key]);
    if (parsed.success) kept[key] = parsed.data;
  }
  return kept;
}
