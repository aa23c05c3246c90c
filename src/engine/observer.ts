/**
 * Looks at accounts on behalf of many sessions with few calls. Where one look shows many accounts, those who ask while a look is under
 * way go together in the next one, and others that are due are taken in and answered when they ask. Where each account takes a call
 * of its own, each is looked at alone, and nobody waits for, or fails with, another. Nobody gets an answer that is older than they can use.
 */
import type { Result } from '../domain/failure.ts';
import { succeeded } from '../domain/failure.ts';
import type { Clock } from '../ports/clock.ts';
import type { Journal } from '../ports/journal.ts';
import type { AccountRef, Provider, SeenAccount, Sighting } from '../ports/provider.ts';

export interface Look {
  readonly requestedAt: number;
  readonly account: SeenAccount;
}

interface Asking {
  readonly ref: AccountRef;
  readonly maxAgeMs: number;
  readonly answer: (result: Result<Look>) => void;
  readonly fail: (reason: unknown) => void;
}

/** Sessions that one look answers, at most. */
const BATCH_MAX = 1_500;
/** Others that a look takes in, for each second for which what it shows can be used: more would not be worked on by then. */
const TAKEN_IN_PER_S = 300;
/** From so many accounts that ask together on, others that are due are looked at with them. */
const HERD_MIN = 4;
/** What was seen of those others is kept for as long as those who asked could have used it, and for this long at most, in ms. */
const AHEAD_MS = 30_000;
const AHEAD_SPARE_MS = 1_000;

export interface LookOptions {
  readonly signal: AbortSignal;
  /** An answer must rest on a request that was sent at this instant or later, ms since the epoch. */
  readonly notBefore: number;
  /** How old the look may be that an answer rests on, in ms. */
  readonly maxAgeMs: number;
}

export interface Observer {
  look(provider: Provider, ref: AccountRef, options: LookOptions): Promise<Result<Look>>;
  /** Credentials that were seen of accounts that did not ask yet. */
  credentials(): number;
}

/** What was seen of an account that did not ask yet. */
interface Ahead {
  readonly look: Look;
  /** How long it is kept, in ms from when it was requested. */
  readonly keptMs: number;
}

interface Herd {
  readonly provider: Provider;
  readonly organisation: string;
  readonly asking: Asking[];
  /** By account id. */
  readonly ahead: Map<string, Ahead>;
  busy: boolean;
}

interface Parts {
  /** Ends looks that are under way for several sessions at once. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'dueAccounts'>;
}

export function createObserver(parts: Parts): Observer {
  const { clock } = parts;
  const herds = new Map<string, Herd>();
  return {
    look(provider, ref, options) {
      if (options.signal.aborted) return Promise.reject(options.signal.reason as Error);
      if (!provider.looksAtMany) return lookAlone(provider, ref, options.signal);
      const herd = herdOf(herds, provider, ref.organisation);
      const seen = herd.ahead.get(ref.accountId)?.look;
      herd.ahead.delete(ref.accountId);
      const now = clock.now();
      const youngEnough = Math.max(options.notBefore, now - Math.min(options.maxAgeMs, AHEAD_MS));
      // One from the future is from before the clock was put back.
      const isYoung = seen !== undefined && seen.requestedAt >= youngEnough && seen.requestedAt <= now;
      if (isYoung) return Promise.resolve(succeeded(seen));
      const answer = new Promise<Result<Look>>((resolve, reject) => {
        const { maxAgeMs } = options;
        herd.asking.push({ ref, maxAgeMs, answer: resolve, fail: reject });
      });
      if (!herd.busy) void run(parts, herd);
      return untilAborted(answer, options.signal);
    },
    credentials: () => [...herds.values()].reduce((sum, { ahead }) => sum + ahead.size, 0),
  };
}

/** `signal`: the session's, which is aborted no later than the engine's. */
async function lookAlone(provider: Provider, ref: AccountRef, signal: AbortSignal): Promise<Result<Look>> {
  const result = await untilAborted(provider.observe([ref], { signal }), signal);
  return result.ok ? succeeded(lookIn(result.value, ref)) : result;
}

async function run(parts: Parts, herd: Herd): Promise<void> {
  herd.busy = true;
  // Sessions that were started together ask in the same turn: let them all in.
  await Promise.resolve();
  for (let batch = take(herd); batch.length > 0; batch = take(herd)) await lookAt(parts, herd, batch);
  herd.busy = false;
}

async function lookAt(parts: Parts, herd: Herd, batch: readonly Asking[]): Promise<void> {
  const { provider, ahead } = herd;
  try {
    const refs = new Map(batch.map(({ ref }) => [ref.accountId, ref]));
    const keptMs = usableMs(batch);
    if (batch.length >= HERD_MIN) await takeIn(parts, herd, refs, roomIn(keptMs));
    const result = await provider.observe([...refs.values()], { signal: parts.signal });
    if (!result.ok) {
      for (const { answer } of batch) answer(result);
      return;
    }
    const { requestedAt, accounts } = result.value;
    for (const { ref, answer } of batch) {
      answer(succeeded(lookIn(result.value, ref)));
      refs.delete(ref.accountId);
    }
    for (const accountId of refs.keys()) {
      const account = accounts.get(accountId);
      // Only what is as it should be: trouble is looked at by those it concerns.
      if (account?.state !== 'open') continue;
      ahead.set(accountId, { look: lookOf(account, requestedAt), keptMs });
    }
    if (refs.size > 0) void forgetLater(parts, ahead, keptMs);
  } catch (reason) {
    for (const { fail } of batch) fail(reason);
  }
}

/** Those that are due and come next: one look shows them all. */
async function takeIn(
  { clock, journal }: Parts,
  { provider, organisation }: Herd,
  refs: Map<string, AccountRef>,
  limit: number,
): Promise<void> {
  const options = { provider: provider.name, now: clock.now(), limit };
  for (const { origin, organisation: of, accountId } of await journal.dueAccounts(options)) {
    if (origin !== provider.origin || of !== organisation || refs.has(accountId)) continue;
    refs.set(accountId, { organisation, accountId });
  }
}

/** Nobody else's credential stays in memory for longer than it is of use. */
async function forgetLater(
  { clock, signal }: Parts,
  ahead: Map<string, Ahead>,
  afterMs: number,
): Promise<void> {
  await clock.sleep(afterMs + AHEAD_SPARE_MS, { signal }).catch(() => ahead.clear());
  const now = clock.now();
  for (const [accountId, { look, keptMs }] of ahead) {
    if (look.requestedAt > now || look.requestedAt + keptMs <= now) ahead.delete(accountId);
  }
}

/** A provider that a reload has replaced has herds of its own, and takes what it saw with it. */
function herdOf(herds: Map<string, Herd>, provider: Provider, organisation: string): Herd {
  const key = `${provider.name} ${organisation}`;
  const known = herds.get(key);
  if (known?.provider === provider) return known;
  const herd: Herd = { provider, organisation, asking: [], ahead: new Map(), busy: false };
  herds.set(key, herd);
  return herd;
}

function take(herd: Herd): Asking[] {
  return herd.asking.splice(0, BATCH_MAX);
}

/** For how long others can use what one look shows, in ms: those who ask tell. */
function usableMs(batch: readonly Asking[]): number {
  return Math.min(Math.max(...batch.map((asking) => asking.maxAgeMs)), AHEAD_MS);
}

/** How many others can do so. */
function roomIn(usableMs: number): number {
  return Math.floor((TAKEN_IN_PER_S * usableMs) / 1_000);
}

function lookIn({ accounts, requestedAt }: Sighting, { accountId }: AccountRef): Look {
  return lookOf(accounts.get(accountId) ?? { state: 'absent', certain: false }, requestedAt);
}

function lookOf(account: SeenAccount, requestedAt: number): Look {
  return { requestedAt: account.requestedAt ?? requestedAt, account };
}

/** The promise's outcome, or the signal's reason if that comes first. */
async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
