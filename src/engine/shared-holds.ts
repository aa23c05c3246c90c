/** Holds that many accounts share: a manager credential that is refused, a store that is down. Set and lifted by what calls show. */
import type { Failure } from '../domain/failure.ts';
import { HOLDS } from '../domain/hold.ts';
import type { Hold, HoldKind } from '../domain/hold.ts';
import type { Clock } from '../ports/clock.ts';
import type { Journal } from '../ports/journal.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import type { Connections } from './parts.ts';

export interface SharedHolds {
  /** From now on only these are configured: the holds of others are lifted, and none is set for them. */
  follow(configured: Pick<Connections, 'providers' | 'stores'>): Promise<void>;
  /** The provider refused the manager credential. */
  managerRefused(provider: string, failure: Failure): Promise<void>;
  /** The provider accepted the manager credential. */
  managerAccepted(provider: string): Promise<void>;
  /** The provider refuses the live credentials of several accounts, though it shows them as live. */
  manyRefused(provider: string, message: string): Promise<void>;
  /** Those of several accounts were tried, and none was refused. */
  manyAccepted(provider: string): Promise<void>;
  /** A store did not take a delivery of something that was minted. */
  storeFailed(store: string, failure: Failure): Promise<void>;
  /** A real write to the store succeeded. */
  storeWrote(store: string): Promise<void>;
  /** Subjects of the holds of this kind. */
  heldBy(kind: HoldKind): readonly string[];
}

export async function createSharedHolds(options: {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}): Promise<SharedHolds> {
  const { journal, clock, telemetry } = options;
  const keyOf = (kind: HoldKind, subject: string) => `${kind} ${subject}`;
  /** What the journal holds, as far as this process knows: spares a write for every accepted call. */
  const current = new Map(
    (await journal.shared()).holds.map((hold) => [keyOf(hold.kind, hold.subject), hold]),
  );

  let configured: Pick<Connections, 'providers' | 'stores'> | undefined;

  /** Whoever still works with one that left would otherwise hold it for ever: nothing could lift that. */
  function isGone(kind: HoldKind, subject: string): boolean {
    // That one is a person's to lift, also where its provider left.
    if (configured === undefined || kind === 'frozen') return false;
    const { scope } = HOLDS[kind];
    if (scope === 'store') return !configured.stores.includes(subject);
    return scope === 'provider' && !configured.providers.includes(subject);
  }

  async function set(kind: HoldKind, subject: string, reason: string): Promise<boolean> {
    const key = keyOf(kind, subject);
    if (current.has(key) || isGone(kind, subject)) return false;
    const hold: Hold = { kind, subject, since: clock.now(), by: 'rekeyd', reason };
    current.set(key, hold);
    await journal.hold(hold);
    return true;
  }

  async function lift(kind: HoldKind, subject: string): Promise<number | undefined> {
    const key = keyOf(kind, subject);
    const hold = current.get(key);
    if (hold === undefined) return undefined;
    current.delete(key);
    await journal.lift(kind, subject, clock.now());
    return clock.now() - hold.since;
  }

  return {
    async follow(now) {
      configured = now;
      for (const { kind, subject } of current.values()) {
        if (isGone(kind, subject)) await lift(kind, subject);
      }
    },
    ...reports(set, lift, telemetry),
    heldBy: (kind) =>
      [...current.values()].filter((hold) => hold.kind === kind).map(({ subject }) => subject),
  };
}

type Reports = Omit<SharedHolds, 'follow' | 'heldBy'>;

/** What calls showed, as the hold that it sets or lifts, and the news of that. */
function reports(
  set: (kind: HoldKind, subject: string, reason: string) => Promise<boolean>,
  lift: (kind: HoldKind, subject: string) => Promise<number | undefined>,
  telemetry: Telemetry,
): Reports {
  return {
    async managerRefused(provider, { message }) {
      if (await set('manager-refused', provider, message))
        telemetry.event('manager-refused', { provider, message });
    },
    async managerAccepted(provider) {
      const heldMs = await lift('manager-refused', provider);
      if (heldMs !== undefined) telemetry.event('manager-accepted', { provider, heldMs });
    },
    async storeFailed(store, { message }) {
      if (await set('store-down', store, message)) telemetry.event('store-down', { store, message });
    },
    async storeWrote(store) {
      const downMs = await lift('store-down', store);
      if (downMs !== undefined) telemetry.event('store-up', { store, downMs });
    },
    async manyRefused(provider, message) {
      if (await set('many-refused', provider, message))
        telemetry.event('many-refused', { provider, message });
    },
    async manyAccepted(provider) {
      const heldMs = await lift('many-refused', provider);
      if (heldMs !== undefined) telemetry.event('many-accepted', { provider, heldMs });
    },
  };
}
