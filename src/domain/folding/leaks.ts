/** What a person said has leaked: which credentials that marks, and which ones that come to light later. */
import type { AccountRecord } from '../record.ts';
import { inRotation } from './parts.ts';

/**
 * All credentials that work are taken to have leaked, also one that is not proved yet: nobody can tell which one it was for certain.
 */
export function compromised(record: AccountRecord): AccountRecord {
  const { live, old } = record;
  return {
    ...inRotation(record, ({ minted, ...rotation }) => ({
      ...rotation,
      ...(minted && { minted: minted.unproved === undefined ? minted : { ...minted, compromised: true } }),
    })),
    ...(live && { live: { ...live, compromised: true } }),
    ...(old && { old: old.map((one) => ({ ...one, compromised: true })) }),
  };
}

interface Leak {
  readonly compromised?: true;
}

/** What has leaked stays leaked until it is dead, also where it is what is live once more. */
export function leakOf(record: AccountRecord, fingerprint: string): Leak {
  return leakIn(known(record, fingerprint));
}

/**
 * The same of what is found in use. What nobody here knew of is what was meant by whoever said that it has leaked, where nothing was minted
 * in its place since.
 */
export function leakInUse(record: AccountRecord, fingerprint: string): Leak {
  const one = known(record, fingerprint);
  return one === undefined && isToBeReplaced(record) ? { compromised: true } : leakIn(one);
}

function isToBeReplaced({ waiting, rotation }: AccountRecord): boolean {
  if (waiting?.compromised !== undefined) return true;
  return rotation?.compromised !== undefined && rotation.minted === undefined;
}

function known({ live, old = [] }: AccountRecord, fingerprint: string): Leak | undefined {
  return [live, ...old].find((one) => one?.fingerprint === fingerprint);
}

function leakIn(one: Leak | undefined): Leak {
  return one?.compromised === undefined ? {} : { compromised: one.compromised };
}
