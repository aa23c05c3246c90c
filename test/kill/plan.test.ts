import { describe, expect, it } from 'vitest';
import type { Clean } from './clean.ts';
import { planOf } from './plan.ts';
import { idOf } from './point.ts';
import type { DiskPoint, Phase, Point } from './point.ts';

const MINT = 'PUT /v1/service-accounts/{id}';

function call(
  name: string,
  nth: number,
  side: DiskPoint['side'],
  phase: Phase,
  path = 'state/journal.db-wal',
): Point {
  return { kind: 'disk', call: name, path, nth, side, phase };
}

/** A commit as SQLite makes it: the head of a page, some page in the middle of the row, and the end that makes it durable. */
function commit(nth: number, phase: Phase = 'later rotation'): readonly Point[] {
  return [
    call('pwrite64', nth * 4 - 3, 'enter', phase),
    call('pwrite64', nth * 4 - 1, 'enter', phase),
    call('fsync', nth, 'enter', phase),
    call('fsync', nth, 'return', phase),
  ];
}

function mint(side: 'before' | 'after' | 'answered'): Point {
  return { kind: 'request', service: 'kronup', name: MINT, nth: 1, side, phase: 'later rotation' };
}

const DELIVERY = call('rename', 1, 'return', 'later rotation', 'secrets/raw.secret');

const CLEAN: Clean = {
  points: [
    ...commit(1),
    mint('before'),
    mint('after'),
    mint('answered'),
    ...commit(2),
    DELIVERY,
    ...commit(3),
    ...commit(1, 'stop'),
    call('unlink', 1, 'enter', 'stop'),
  ],
  mintName: MINT,
  mints: 1,
  filesAtRest: [],
  filesAfter: [],
};

function planned(chosen: { readonly isFirst: boolean; readonly everyCall: boolean }): readonly string[] {
  return planOf(CLEAN, { firstSight: true, ...chosen }).map(idOf);
}

describe('the plan of where a daemon is killed', () => {
  it('has every call of every commit in the first scenario of a strategy', () => {
    const want = CLEAN.points.filter(({ phase }) => phase === 'later rotation').map(idOf);
    expect(planned({ isFirst: false, everyCall: true })).toEqual(want);
  });

  it('has each commit once in the others, before its first write, and the last one after it as well', () => {
    const wal = 'state/journal.db-wal';
    expect(planned({ isFirst: false, everyCall: false })).toEqual([
      `pwrite64(${wal}) #1 enter`,
      // Where an intent has just become durable and nothing was sent.
      idOf(mint('before')),
      idOf(mint('after')),
      idOf(mint('answered')),
      `pwrite64(${wal}) #5 enter`,
      idOf(DELIVERY),
      `pwrite64(${wal}) #9 enter`,
      `fsync(${wal}) #3 return`,
    ]);
  });

  it('leaves out no other call on the file that commits are written to', () => {
    const plan = planOf(CLEAN, { firstSight: true, isFirst: true, everyCall: false });
    const stop = plan.filter(({ phase }) => phase === 'stop').map(idOf);
    expect(stop).toEqual([
      'pwrite64(state/journal.db-wal) #1 enter',
      'fsync(state/journal.db-wal) #1 return',
      'unlink(state/journal.db-wal) #1 enter',
    ]);
  });
});
