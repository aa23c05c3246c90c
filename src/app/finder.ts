/**
 * Asks providers for their lists and keeps what `accountsFrom` takes of them in the journal; the configuration is read again when that has
 * changed. A list that cannot be had changes nothing, and nobody leaves because one list did not show them.
 */
import { isTakenBy } from '../config/accounts-from.ts';
import type { AccountsFrom } from '../config/accounts-from.ts';
import { isReserveLow } from '../domain/calls-left.ts';
import type { Failure, Result } from '../domain/failure.ts';
import { failed, succeeded } from '../domain/failure.ts';
import type { Connections } from '../engine/parts.ts';
import type { Clock } from '../ports/clock.ts';
import type { FoundAccount, Journal } from '../ports/journal.ts';
import type { ListedAccount, Provider } from '../ports/provider.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { lookAtEach } from './look-at-each.ts';

export interface Finder {
  /** Asks each provider that accounts are taken from, once. Answers whether anything has changed: then the configuration is read again. */
  round(signal: AbortSignal): Promise<boolean>;
  /** Asks whenever it is time, until the signal is aborted. `onChange` is called, and waited for, after each change. */
  follow(options: { readonly signal: AbortSignal; readonly onChange: () => Promise<unknown> }): Promise<void>;
  /** The configuration has changed: what is new in it is asked for now. */
  poke(): void;
}

interface Parts {
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'found' | 'keepFound'>;
  readonly telemetry: Pick<Telemetry, 'event'>;
  connections(): Connections;
  /** Of the configuration in force. */
  accountsFrom(): readonly AccountsFrom[];
}

/** After a list that could not be had, in ms; or as often as it is asked for, if that is sooner. */
const RETRY_MS = 60_000;

export function createFinder(parts: Parts): Finder {
  const { clock } = parts;
  /** By provider: for what it was asked last, and when it is to be asked again, on the clock that only goes forward. */
  const asked = new Map<string, { readonly what: string; readonly againAt: number }>();
  let woken = Promise.withResolvers<void>();

  async function roundOf(
    due: ReadonlyMap<string, readonly AccountsFrom[]>,
    signal: AbortSignal,
  ): Promise<boolean> {
    let changed = false;
    for (const [provider, ways] of due) {
      const outcome = await findAt(parts, { provider, ways, signal });
      const everyMs = Math.min(...ways.map((way) => way.everyMs));
      const againMs = outcome.whole ? everyMs : Math.min(RETRY_MS, everyMs);
      asked.set(provider, { what: JSON.stringify(ways), againAt: clock.elapsed() + againMs });
      changed ||= outcome.changed;
    }
    return changed;
  }

  function byProvider(): Map<string, AccountsFrom[]> {
    return Map.groupBy(parts.accountsFrom(), ({ provider }) => provider);
  }

  function dueAt(provider: string, ways: readonly AccountsFrom[]): number {
    const last = asked.get(provider);
    return last?.what === JSON.stringify(ways) ? last.againAt : Number.NEGATIVE_INFINITY;
  }

  async function wait(signal: AbortSignal): Promise<void> {
    const dues = [...byProvider()].map(([provider, ways]) => dueAt(provider, ways));
    const over = new AbortController();
    const end = (): void => over.abort(new Error('woken'));
    signal.addEventListener('abort', end, { once: true });
    const { promise } = woken;
    try {
      if (signal.aborted) return;
      const asleep = Math.max(0, Math.min(...dues) - clock.elapsed());
      const slept =
        dues.length === 0 ? untilAborted(over.signal) : clock.sleep(asleep, { signal: over.signal });
      await Promise.race([promise, slept.catch(() => undefined)]);
    } finally {
      signal.removeEventListener('abort', end);
      end();
    }
  }

  return {
    round: (signal) => roundOf(byProvider(), signal),
    async follow({ signal, onChange }) {
      while (!signal.aborted) {
        woken = Promise.withResolvers();
        const now = clock.elapsed();
        const due = new Map([...byProvider()].filter(([provider, ways]) => dueAt(provider, ways) <= now));
        if (await roundOf(due, signal)) await onChange();
        await wait(signal);
      }
    },
    poke: () => woken.resolve(),
  };
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** What one look for a provider's accounts came to. */
interface Outcome {
  readonly changed: boolean;
  /** Nothing failed: there is no reason to ask again soon. */
  readonly whole: boolean;
}

const FAILED: Outcome = { changed: false, whole: false };

/** Lists one provider's accounts, and keeps what has changed. */
async function findAt(
  parts: Parts,
  about: { readonly provider: string; readonly ways: readonly AccountsFrom[]; readonly signal: AbortSignal },
): Promise<Outcome> {
  const { clock, journal, telemetry } = parts;
  const { provider: name, ways, signal } = about;
  const provider = parts.connections().provider(name);
  if (provider === undefined) return FAILED;
  const known = (await journal.found()).get(name) ?? [];
  const looked = await lookFor(provider, { ways, known, signal });
  if (signal.aborted) return FAILED;
  if (!looked.ok) {
    telemetry.event('accounts-not-listed', { provider: name, message: looked.failure.message });
    return FAILED;
  }
  const { accounts, over, unseen } = looked.value;
  const whole = unseen === undefined;
  if (!whole) telemetry.event('accounts-not-listed', { provider: name, message: unseen.message });
  if (over !== undefined) telemetry.event('accounts-over-limit', { provider: name, ...over });
  if (JSON.stringify(accounts) === JSON.stringify(known)) return { changed: false, whole };
  await journal.keepFound({ provider: name, accounts, at: clock.now() });
  const before = new Set(known.map(({ id }) => id));
  const after = new Set(accounts.map(({ id }) => id));
  const added = accounts.filter(({ id }) => !before.has(id)).length;
  const left = known.filter(({ id }) => !after.has(id)).length;
  telemetry.event('accounts-found', { provider: name, accounts: accounts.length, added, left });
  return { changed: true, whole };
}

export interface Looked {
  /** Those known before first, in their order. */
  readonly accounts: readonly FoundAccount[];
  /** More match than one way allows: nobody was added. */
  readonly over?: { readonly matched: number; readonly limit: number };
  /** Why a new one could not be looked at, which is not taken now. */
  readonly unseen?: Failure;
}

/**
 * What is to be taken now. Open accounts are taken on sight. One that was known leaves when it is open under a name that is not taken any
 * more, or when a direct read and a second list agree that it is closed or gone.
 */
export async function lookFor(
  provider: Provider,
  about: {
    readonly ways: readonly AccountsFrom[];
    readonly known: readonly FoundAccount[];
    readonly signal: AbortSignal;
  },
): Promise<Result<Looked>> {
  const { ways, known, signal } = about;
  const calls = provider.callsLeft();
  if (calls !== undefined && isReserveLow(calls)) {
    return failed(
      'rate-limited',
      `${provider.name} was not asked for its list: only the reserve of calls is left today`,
    );
  }
  const listed = await listAll(provider, signal);
  if (!listed.ok) return listed;
  const own = await provider.manager({ signal });
  if (!own.ok) return own;
  const takes = ways.map(isTakenBy);
  const isTaken = ({ id, name }: FoundAccount): boolean =>
    id !== own.value.accountId && takes.some((takesIt) => takesIt(name));
  const { kept, doubtful } = keep(known, listed.value, isTaken);
  const gone = await certainlyGone(provider, doubtful, signal);
  if (!gone.ok) return gone;
  const staying = kept.filter(({ id }) => !gone.value.has(id));
  const ids = new Set(known.map(({ id }) => id));
  const fresh = [...listed.value.values()]
    .filter(({ id, open }) => open && !ids.has(id))
    .map(({ id, name }) => ({ id, name }))
    .filter(isTaken);
  const others = await withoutOwn(provider, fresh, { clientId: own.value.clientId, signal });
  if (!others.ok) return others;
  const { unseen } = others.value;
  const all = [...staying, ...others.value.accounts];
  for (const [index, way] of ways.entries()) {
    const matched = all.filter(({ name }) => takes[index]?.(name) === true).length;
    if (matched > way.limit) return succeeded({ accounts: staying, over: { matched, limit: way.limit } });
  }
  return succeeded({ accounts: all, ...(unseen && { unseen }) });
}

/**
 * Where the provider does not say whose the manager credential is, the account is the one that has it among its credentials. One whose
 * credentials cannot be read is left out, and `unseen` says why.
 */
export async function withoutOwn(
  provider: Provider,
  fresh: readonly FoundAccount[],
  { clientId, signal }: { readonly clientId: string | undefined; readonly signal: AbortSignal },
): Promise<Result<{ readonly accounts: readonly FoundAccount[]; readonly unseen?: Failure }>> {
  if (clientId === undefined || fresh.length === 0) return succeeded({ accounts: fresh });
  const refs = fresh.map(({ id }) => ({ organisation: '', accountId: id }));
  const looked = await lookAtEach(provider, refs, { signal });
  if (!looked.ok) return looked;
  const { accounts, failures } = looked.value;
  const [unseen] = failures.values();
  const isOwn = ({ id }: FoundAccount): boolean =>
    accounts.get(id)?.credentials?.some((credential) => credential.clientId === clientId) === true;
  const others = fresh.filter((account) => !failures.has(account.id) && !isOwn(account));
  return succeeded({ accounts: others, ...(unseen && { unseen }) });
}

/** Those known that stay unless they are certainly gone, under the names that they have now. */
function keep(
  known: readonly FoundAccount[],
  listed: ReadonlyMap<string, ListedAccount>,
  isTaken: (account: FoundAccount) => boolean,
): { readonly kept: readonly FoundAccount[]; readonly doubtful: readonly string[] } {
  const kept: FoundAccount[] = [];
  const doubtful: string[] = [];
  for (const account of known) {
    const seen = listed.get(account.id);
    const named = seen === undefined ? account : { id: seen.id, name: seen.name };
    if (!isTaken(named)) continue;
    kept.push(named);
    if (seen?.open !== true) doubtful.push(account.id);
  }
  return { kept, doubtful };
}

async function certainlyGone(
  provider: Provider,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<Result<ReadonlySet<string>>> {
  if (ids.length === 0) return succeeded(new Set());
  const refs = ids.map((accountId) => ({ organisation: '', accountId }));
  const looked = await lookAtEach(provider, refs, { signal });
  if (!looked.ok) return looked;
  const gone = [...looked.value.accounts].filter(([, { state, certain }]) => state !== 'open' && certain);
  return succeeded(new Set(gone.map(([id]) => id)));
}

/** All pages, or nothing: by id. */
export async function listAll(
  provider: Provider,
  signal: AbortSignal,
): Promise<
  | { readonly ok: true; readonly value: Map<string, ListedAccount> }
  | { readonly ok: false; readonly failure: Failure }
> {
  const listed = new Map<string, ListedAccount>();
  if (provider.accounts === undefined)
    return failed(
      'not-allowed',
      `${provider.name} is of kind ${provider.kind}, which cannot list its accounts`,
    );
  for await (const page of provider.accounts({ signal })) {
    if (!page.ok) return page;
    for (const account of page.value) listed.set(account.id, account);
  }
  return succeeded(listed);
}
