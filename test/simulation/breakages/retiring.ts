/**
 * Mistakes in the tables of what must be known before an old credential is retired, and before one that has leaked is ended: without a
 * proof, or with one by a clock that is wrong.
 */
import { LIMITS } from '../../../src/domain/limits.ts';
import { COMPROMISED_NEEDS, RETIRE_NEEDS } from '../../../src/domain/retire-needs.ts';
import type { RetireNeed } from '../../../src/domain/retire-needs.ts';
import { overlay } from '../overlay.ts';
import { onRecords, onTable, patched } from './mistake.ts';
import type { Mistake } from './mistake.ts';

const YEAR_MS = 365 * 86_400_000;
const NOBODY_LOOKED = /nobody looked at the account/;
const MANAGER_UNASKED = /whose the manager credential is was not asked/;
const LAST_ONE = /, the last one/;
const HELD = /, and .* holds it/;

type Given = Pick<Mistake, 'name' | 'breaks' | 'says'> & Partial<Mistake>;

/** The row counts as met, whatever was seen. */
function met(table: readonly RetireNeed[], need: string): Mistake['make'] {
  return () => ({
    patch() {
      const row = table.find((one) => one.need === need);
      if (row === undefined) throw new Error(`there is no need called ${need}`);
      return patched(row, { missing: () => undefined });
    },
  });
}

function retired(need: string, given: Given): Mistake {
  return { rows: [`retire ${need}`], strategy: 'overlap', make: met(RETIRE_NEEDS, need), ...given };
}

function ended(need: string, given: Given): Mistake {
  return { rows: [`end ${need}`], strategy: 'pair', make: met(COMPROMISED_NEEDS, need), ...given };
}

const PROOFS: readonly Mistake[] = [
  retired('the account and its credentials seen', {
    name: 'whether an old credential may be retired is concluded without a look at its account',
    breaks: 1,
    says: NOBODY_LOOKED,
  }),
  retired('not the last one: what is live is there as well', {
    name: 'an old credential is retired though the live one is not there',
    breaks: 5,
    says: LAST_ONE,
  }),
  retired('every target read', {
    name: 'an old credential is retired though nobody has read the targets',
    breaks: 5,
    says: /was not read within/,
  }),
  retired('the newer one taken up by whoever reads the targets', {
    name: 'who reads the targets is not waited for before an old credential is retired',
    breaks: 5,
    says: /may use still/,
  }),
  retired('quiet, or the hard limit passed', {
    name: 'an old credential is retired whoever uses it',
    breaks: 5,
    says: /although it is used/,
  }),
];

/** Clocks that are wrong, or set, while something is old. */
const CLOCKS: readonly Mistake[] = [
  retired('what time it is', {
    name: 'an old credential is retired by a clock that is ahead',
    breaks: 5,
    says: /before its grace is over|although it is used/,
  }),
  {
    name: 'a grace begins and ends by whatever clock',
    rows: ['limit clockSkewMs', 'retire what time it is'],
    breaks: 5,
    says: /before its grace is over/,
    strategy: 'overlap',
    // Something is minted unasked by it as well.
    alone: true,
    make: onTable(LIMITS, { clockSkewMs: YEAR_MS }),
  },
  {
    name: "how long ago an old credential was used is counted by this machine's clock",
    rows: ['retire quiet, or the hard limit passed'],
    breaks: 5,
    says: /although it is used/,
    strategy: 'overlap',
    make: () => ({
      parts: (parts) => ({ ...parts, clocks: overlay(parts.clocks, { ahead: () => undefined }) }),
    }),
  },
];

const LEAKED: readonly Mistake[] = [
  ended('the account and its credentials seen', {
    name: 'what has leaked is ended without a look at its account',
    breaks: 5,
    says: /the account was not seen/,
  }),
  ended('whose the manager credential is', {
    name: 'whose the manager credential is, is not asked before what has leaked is ended',
    breaks: 5,
    says: MANAGER_UNASKED,
  }),
  ended('another one in every required target', {
    name: 'what has leaked is ended before another one is where it has to be',
    breaks: 5,
    says: HELD,
    // No target is waited for before the mint either.
    alone: true,
    make: onRecords((record) =>
      record.rotation?.compromised === undefined
        ? record
        : { ...record, rotation: { ...record.rotation, compromised: 'now' } },
    ),
  }),
  ended('the last try to end it settled, and every target looked at since', {
    name: 'a mint that was to end what has leaked is repeated before anybody knows what came of it',
    breaks: 2,
    says: /again, although the last try may still do so/,
  }),
];

export const RETIRING_MISTAKES: readonly Mistake[] = [...PROOFS, ...CLOCKS, ...LEAKED];
