import { afterAll, describe, expect, it } from 'vitest';
import { createFinder } from '../../src/app/finder.ts';
import type { Finder } from '../../src/app/finder.ts';
import type { AccountsFrom } from '../../src/config/accounts-from.ts';
import { failed, succeeded } from '../../src/domain/failure.ts';
import type { FailureKind, Result } from '../../src/domain/failure.ts';
import type { EventKind } from '../../src/ports/telemetry.ts';
import type { FoundAccount } from '../../src/ports/journal.ts';
import type { ListedAccount, Manager, Provider, SeenAccount } from '../../src/ports/provider.ts';
import { FakeClock } from '../world/fake-clock.ts';

const WAY: AccountsFrom = { provider: 'kronup', match: ['ci-*'], except: [], limit: 3, everyMs: 900_000 };

/** Aborted when the test of following is over. */
const stopping = new AbortController();
const { signal } = new AbortController();

/** A provider whose list and whose direct looks a test decides upon. */
interface World {
  readonly finder: Finder;
  readonly clock: FakeClock;
  list: Result<readonly ListedAccount[]>[];
  seen: Record<string, SeenAccount>;
  /** Who the daemon is there. */
  manager: Pick<Manager, 'accountId' | 'clientId'>;
  /** Looks at these accounts fail, by id. */
  failing: Record<string, FailureKind>;
  known: readonly FoundAccount[];
  ways: AccountsFrom[];
  lists: number;
  /** Renewed each time that the list is asked for, when it resolves. */
  listing: PromiseWithResolvers<void>;
  readonly events: EventKind[];
}

function open(...names: readonly string[]): World {
  const clock = new FakeClock();
  const events: EventKind[] = [];
  const world: Omit<World, 'finder'> = {
    clock,
    events,
    list: [succeeded(names.map((name) => listed(name)))],
    seen: {},
    manager: { accountId: 'id of ci-manager' },
    failing: {},
    known: [],
    ways: [WAY],
    lists: 0,
    listing: Promise.withResolvers(),
  };
  const provider: Partial<Provider> = {
    name: 'kronup',
    callsLeft: () => undefined,
    looksAtMany: false,
    manager: () => Promise.resolve(succeeded({ ...world.manager, fingerprint: '' })),
    async *accounts() {
      world.lists += 1;
      world.listing.resolve();
      world.listing = Promise.withResolvers();
      yield* world.list;
    },
    observe: (refs) => {
      const [why] = refs.flatMap(({ accountId }) => world.failing[accountId] ?? []);
      if (why !== undefined) return Promise.resolve(failed(why, 'it cannot be looked at'));
      const accounts = new Map(refs.map(({ accountId }) => [accountId, world.seen[accountId] ?? UNCERTAIN]));
      return Promise.resolve(succeeded({ requestedAt: 0, accounts }));
    },
  };
  const finder = createFinder({
    clock,
    journal: {
      found: () => Promise.resolve(new Map([['kronup', world.known]])),
      keepFound: ({ accounts }) => Promise.resolve(void (world.known = accounts)),
    },
    telemetry: { event: (kind) => void events.push(kind) },
    connections: () => ({
      provider: () => provider as Provider,
      store: () => undefined,
      providers: ['kronup'],
      stores: [],
      consumer: () => undefined,
      consumers: [],
    }),
    accountsFrom: () => world.ways,
  });
  return Object.assign(world, { finder });
}

const UNCERTAIN: SeenAccount = { state: 'absent', certain: false };
const GONE: SeenAccount = { state: 'absent', certain: true };
const CLOSED: SeenAccount = { state: 'closed', certain: true };

function listed(name: string, more: Partial<ListedAccount> = {}): ListedAccount {
  return { id: `id of ${name}`, name, open: true, ...more };
}

function namesOf({ known }: World): string[] {
  return known.map(({ name }) => name);
}

let following: Promise<void> | undefined;

afterAll(async () => {
  stopping.abort(new Error('the test is over'));
  await following;
});

describe('the finder', () => {
  it('takes open accounts whose names match, but never the one that the daemon authenticates with', async () => {
    const world = open('ci-a', 'web', 'ci-manager');
    world.list = [
      succeeded(['ci-a', 'web', 'ci-manager'].map((name) => listed(name))),
      succeeded([listed('ci-closed', { open: false })]),
    ];
    expect(await world.finder.round(signal)).toBe(true);
    expect(world.known).toEqual([{ id: 'id of ci-a', name: 'ci-a' }]);
    expect(world.events).toEqual(['accounts-found']);
  });

  it('says nothing and writes nothing where nothing has changed', async () => {
    const world = open('ci-a');
    await world.finder.round(signal);
    expect(await world.finder.round(signal)).toBe(false);
    expect(world.events).toEqual(['accounts-found']);
  });

  it('keeps all that it knows where the list cannot be had, though its first page came', async () => {
    const world = open('ci-a', 'ci-b');
    await world.finder.round(signal);
    world.list = [succeeded([listed('ci-c')]), failed('no-answer', 'the second page is lost')];
    expect(await world.finder.round(signal)).toBe(false);
    expect(namesOf(world)).toEqual(['ci-a', 'ci-b']);
    expect(world.events.at(-1)).toBe('accounts-not-listed');
  });

  it('takes all others where one new account cannot be looked at, which it takes once it can be', async () => {
    const world = open('ci-a', 'ci-b', 'ci-c');
    world.manager = { clientId: 'of the manager' };
    world.failing = { 'id of ci-b': 'not-allowed' };
    expect(await world.finder.round(signal)).toBe(true);
    expect(namesOf(world)).toEqual(['ci-a', 'ci-c']);
    expect(world.events).toEqual(['accounts-not-listed', 'accounts-found']);
    world.failing = {};
    expect(await world.finder.round(signal)).toBe(true);
    expect(namesOf(world)).toEqual(['ci-a', 'ci-c', 'ci-b']);
  });

  it('takes nobody where one cannot be looked at for a reason that is everybody’s', async () => {
    const world = open('ci-a', 'ci-b');
    world.manager = { clientId: 'of the manager' };
    world.failing = { 'id of ci-b': 'rate-limited' };
    expect(await world.finder.round(signal)).toBe(false);
    expect(world.known).toEqual([]);
  });

  it('lets those leave that are certainly gone, though another cannot be looked at', async () => {
    const world = open('ci-a', 'ci-b', 'ci-c');
    await world.finder.round(signal);
    world.list = [succeeded([listed('ci-c')])];
    world.seen = { 'id of ci-a': GONE };
    world.failing = { 'id of ci-b': 'no-answer' };
    expect(await world.finder.round(signal)).toBe(true);
    expect(namesOf(world)).toEqual(['ci-b', 'ci-c']);
  });

  it('keeps an account that a list does not show, until that is certain', async () => {
    const world = open('ci-a', 'ci-b');
    await world.finder.round(signal);
    world.list = [succeeded([listed('ci-b')])];
    await world.finder.round(signal);
    expect(namesOf(world)).toEqual(['ci-a', 'ci-b']);
    world.seen = { 'id of ci-a': GONE };
    await world.finder.round(signal);
    expect(namesOf(world)).toEqual(['ci-b']);
  });

  it('lets a closed account go when that is certain, and takes it again when it is open', async () => {
    const world = open('ci-a');
    await world.finder.round(signal);
    world.list = [succeeded([listed('ci-a', { open: false })])];
    await world.finder.round(signal);
    expect(namesOf(world)).toEqual(['ci-a']);
    world.seen = { 'id of ci-a': CLOSED };
    await world.finder.round(signal);
    expect(namesOf(world)).toEqual([]);
    world.list = [succeeded([listed('ci-a')])];
    await world.finder.round(signal);
    expect(namesOf(world)).toEqual(['ci-a']);
  });

  it('follows a new name, and lets go of an account whose name matches no more', async () => {
    const world = open('ci-a', 'ci-b');
    await world.finder.round(signal);
    world.list = [succeeded([listed('ci-a', { name: 'ci-new' }), listed('ci-b', { name: 'other' })])];
    await world.finder.round(signal);
    expect(world.known).toEqual([{ id: 'id of ci-a', name: 'ci-new' }]);
  });

  it('adds nobody where more match than the limit allows, and keeps those that it had', async () => {
    const world = open('ci-a');
    await world.finder.round(signal);
    world.list = [succeeded(['ci-a', 'ci-1', 'ci-2', 'ci-3'].map((name) => listed(name)))];
    expect(await world.finder.round(signal)).toBe(false);
    expect(namesOf(world)).toEqual(['ci-a']);
    expect(world.events.at(-1)).toBe('accounts-over-limit');
    world.ways = [{ ...WAY, limit: 4 }];
    await world.finder.round(signal);
    expect(namesOf(world)).toEqual(['ci-a', 'ci-1', 'ci-2', 'ci-3']);
  });

  it('keeps the order in which accounts were first seen, so that a newcomer displaces nobody', async () => {
    const world = open('ci-b');
    await world.finder.round(signal);
    world.list = [succeeded(['ci-a', 'ci-b'].map((name) => listed(name)))];
    await world.finder.round(signal);
    expect(namesOf(world)).toEqual(['ci-b', 'ci-a']);
  });

  it('asks as often as is configured, sooner after a failure, and at once when the configuration changes', async () => {
    const world = open('ci-a');
    const changes: number[] = [];
    /** Resolves when the list was asked for so often, and the finder sleeps until the next time. */
    const asleepAfter = async (lists: number): Promise<void> => {
      while (world.lists < lists) await world.listing.promise;
      await world.clock.sleepers();
    };
    following = world.finder.follow({
      signal: stopping.signal,
      onChange: () => Promise.resolve(changes.push(world.lists)),
    });
    await asleepAfter(1);
    expect(world.lists).toBe(1);
    await world.clock.advance(899_000);
    expect(world.lists).toBe(1);
    world.list = [failed('no-answer', 'lost')];
    await world.clock.advance(1_000);
    await asleepAfter(2);
    expect(world.lists).toBe(2);
    await world.clock.advance(60_000);
    await asleepAfter(3);
    expect(world.lists).toBe(3);
    world.ways = [{ ...WAY, match: ['*'] }];
    world.finder.poke();
    await asleepAfter(4);
    expect(world.lists).toBe(4);
    expect(changes).toEqual([1]);
  });
});
