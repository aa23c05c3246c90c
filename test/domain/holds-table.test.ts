import { describe, expect, it } from 'vitest';
import { HOLDS } from '../../src/domain/hold.ts';
import type { HoldKind, HoldScope } from '../../src/domain/hold.ts';
import { holdsOf, isStanding, mayHeal } from '../../src/domain/holds.ts';
import { restart } from '../builders/account.ts';
import { NOW, REFUSED, TARGET } from '../builders/situation.ts';
import {
  BECAUSE,
  CONTESTED,
  FOREIGN,
  FREEZE,
  SINCE,
  UNASKED,
  known,
  shared,
  stopping,
} from '../builders/held.ts';
import type { Given } from '../builders/held.ts';

const MINUTE_MS = 60_000;

interface Row {
  readonly kind: HoldKind;
  readonly scope: HoldScope;
  readonly subject: string;
  readonly stops: 'every mint' | 'unasked mints' | 'mints because of a refusal';
  readonly given: Given;
}

const ROWS: readonly Row[] = [
  {
    kind: 'own-account',
    scope: 'account',
    subject: 'billing',
    stops: 'every mint',
    given: { record: { held: { 'own-account': BECAUSE } } },
  },
  {
    kind: 'closed',
    scope: 'account',
    subject: 'billing',
    stops: 'every mint',
    given: { record: { held: { closed: BECAUSE } } },
  },
  {
    kind: 'foreign',
    scope: 'target',
    subject: TARGET.id,
    stops: 'every mint',
    given: { record: { targets: { [TARGET.id]: FOREIGN } } },
  },
  {
    kind: 'undecided',
    scope: 'account',
    subject: 'billing',
    stops: 'every mint',
    // Nobody knows which of the two the live credential belongs to.
    given: { policy: { strategy: 'pair', accountIds: ['a1', 'b1'] } },
  },
  {
    kind: 'mismatched',
    scope: 'account',
    subject: 'billing',
    stops: 'every mint',
    given: { record: { mismatched: BECAUSE } },
  },
  {
    kind: 'store-down',
    scope: 'store',
    subject: 'files',
    stops: 'every mint',
    given: { shared: [shared('store-down', 'files')] },
  },
  {
    kind: 'consumer-unhealthy',
    scope: 'consumer',
    subject: restart().id,
    stops: 'unasked mints',
    given: {
      policy: { targets: [{ ...TARGET, consumers: [restart({ onUnhealthy: 'hold' })] }] },
      shared: [shared('consumer-unhealthy', restart().id)],
    },
  },
  {
    kind: 'manager-refused',
    scope: 'provider',
    subject: 'kronup',
    stops: 'every mint',
    given: { shared: [shared('manager-refused', 'kronup')] },
  },
  {
    kind: 'many-refused',
    scope: 'provider',
    subject: 'kronup',
    stops: 'mints because of a refusal',
    given: { record: { refused: REFUSED }, shared: [shared('many-refused', 'kronup')] },
  },
  {
    kind: 'refused-limit',
    scope: 'account',
    subject: 'billing',
    stops: 'mints because of a refusal',
    given: {
      record: { refused: { ...REFUSED, limited: { since: SINCE, until: NOW + 1, why: 'because' } } },
    },
  },
  {
    kind: 'frozen',
    scope: 'provider',
    subject: 'kronup',
    stops: 'unasked mints',
    given: { shared: [shared('frozen', 'kronup')] },
  },
  {
    kind: 'reserve-low',
    scope: 'provider',
    subject: 'kronup',
    stops: 'every mint',
    given: { shared: [shared('reserve-low', 'kronup')] },
  },
  {
    kind: 'too-soon',
    scope: 'account',
    subject: 'billing',
    stops: 'unasked mints',
    given: { record: { mintedAt: NOW - MINUTE_MS } },
  },
  {
    kind: 'many-old',
    scope: 'account',
    subject: 'billing',
    stops: 'unasked mints',
    given: {
      policy: { strategy: 'overlap' },
      record: {
        old: Array.from({ length: 48 }, (_, index) => ({
          why: 'replaced',
          since: SINCE,
          reference: `r${index}`,
        })),
      },
    },
  },
  {
    kind: 'parked',
    scope: 'account',
    subject: 'billing',
    stops: 'unasked mints',
    given: { record: { parked: BECAUSE } },
  },
  {
    kind: 'paused',
    scope: 'account',
    subject: 'billing',
    stops: 'unasked mints',
    given: { record: { paused: { since: SINCE, cause: { actor: 'socket:0' } } } },
  },
  {
    kind: 'contested',
    scope: 'target',
    subject: TARGET.id,
    stops: 'unasked mints',
    given: { record: { targets: { [TARGET.id]: CONTESTED } } },
  },
  {
    kind: 'clock-skew',
    scope: 'all',
    subject: 'all',
    stops: 'unasked mints',
    given: { shared: [shared('clock-skew', 'all')] },
  },
  {
    kind: 'deny-window',
    scope: 'account',
    subject: 'billing',
    stops: 'unasked mints',
    given: { policy: { deny: [FREEZE] } },
  },
];

describe('the table of holds', () => {
  it('is tested for each kind', () => {
    expect(ROWS.map(({ kind }) => kind).toSorted()).toEqual(Object.keys(HOLDS).toSorted());
  });

  it('has nothing in force for an account that nothing holds', () => {
    expect(holdsOf(known())).toEqual([]);
    for (const trigger of [...UNASKED, 'manual'] as const) expect(stopping(trigger, {})).toBeUndefined();
    expect(mayHeal(known())).toBe(true);
  });

  it.each(ROWS)('$kind holds one $scope and stops $stops', ({ kind, scope, subject, stops, given }) => {
    expect(HOLDS[kind].scope).toBe(scope);
    expect(holdsOf(known(given))).toMatchObject([{ kind, subject }]);
    for (const trigger of UNASKED) {
      const stopped = stops !== 'mints because of a refusal' || trigger === 'refused';
      expect(stopping(trigger, given)).toBe(stopped ? kind : undefined);
    }
    expect(stopping('manual', given)).toBe(stops === 'every mint' ? kind : undefined);
  });

  it('stops healing for a paused account alone', () => {
    const stopped = ROWS.filter(({ given }) => !mayHeal(known(given)));
    expect(stopped.map(({ kind }) => kind)).toEqual(['paused']);
  });

  it('refuses a manual request only for what nobody lifts by waiting', () => {
    const standing = ROWS.filter(({ given }) => holdsOf(known(given)).every(isStanding));
    expect(standing.map(({ kind }) => kind)).toEqual([
      'own-account',
      'closed',
      'foreign',
      'undecided',
      'mismatched',
    ]);
  });

  it('lets writes be stopped by foreign and mismatched alone', () => {
    const writes = Object.entries(HOLDS).filter(([, { stops }]) =>
      (stops as readonly string[]).includes('write'),
    );
    expect(writes.map(([kind]) => kind)).toEqual(['foreign', 'mismatched']);
  });
});
