/** What was minted a moment ago: for some seconds a new credential may be refused and be missing in lists. It keeps no value. */
import type { Fingerprint } from '../../domain/credential.ts';
import type { Clock } from '../../ports/clock.ts';
import { inconsistentMs } from './consistency.ts';

export interface LatelyMinted {
  add(minted: {
    readonly fingerprint: Fingerprint;
    readonly accountId: string;
    readonly reference: string;
  }): void;
  /** The account that it was minted for; `undefined` where that was not lately. */
  accountOf(fingerprint: Fingerprint): string | undefined;
  /** For how long a refusal may still be of no meaning, in ms. */
  leftMs(fingerprint: Fingerprint): number;
  retired(reference: string): void;
}

interface Entry {
  readonly accountId: string;
  readonly reference: string;
  /** On the clock that only goes forward. */
  readonly at: number;
}

export function latelyMinted(clock: Pick<Clock, 'elapsed'>): LatelyMinted {
  const entries = new Map<Fingerprint, Entry>();
  const leftMs = (fingerprint: Fingerprint) => {
    const entry = entries.get(fingerprint);
    return entry === undefined ? 0 : inconsistentMs(entry.at, clock);
  };
  const forget = (isOver: (fingerprint: Fingerprint, entry: Entry) => boolean) => {
    for (const [fingerprint, entry] of entries) if (isOver(fingerprint, entry)) entries.delete(fingerprint);
  };
  return {
    add({ fingerprint, ...minted }) {
      forget((one) => leftMs(one) === 0);
      entries.set(fingerprint, { ...minted, at: clock.elapsed() });
    },
    accountOf: (fingerprint) => (leftMs(fingerprint) === 0 ? undefined : entries.get(fingerprint)?.accountId),
    leftMs,
    retired: (reference) => forget((_, entry) => entry.reference === reference),
  };
}
