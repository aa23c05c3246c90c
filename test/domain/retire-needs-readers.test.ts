import { describe, expect, it } from 'vitest';
import { graceFacts } from '../../src/domain/deciding/retiring.ts';
import type { OldCredential } from '../../src/domain/record.ts';
import { unmetForRetire } from '../../src/domain/retire-needs.ts';
import type { Retirable } from '../../src/domain/retire-needs.ts';
import { CHECKOUT, confirmedWith, refreshing } from '../builders/refresh.ts';
import { ACCOUNT, known, listed, LIVE, OLD, POLICY, waits } from '../builders/retire-needs.ts';
import { NOW, TARGET } from '../builders/situation.ts';

describe('who reads the targets of an old credential', () => {
  const read = { policy: { ...POLICY, targets: [{ ...TARGET, consumers: [CHECKOUT] }] } } as const;
  const unmet = (old: Retirable, throughAt?: number) => {
    const state = refreshing(CHECKOUT, throughAt === undefined ? {} : { throughAt });
    return unmetForRetire(known({ targets: { [TARGET.id]: confirmedWith(state) } }, {}, read), old);
  };

  it('is waited for, by name, until they have taken up what is live', () => {
    expect(unmet(OLD)).toStrictEqual(
      waits('cluster restart Deployment shop/checkout has not taken up what files:billing/token holds'),
    );
    expect(unmet(OLD, NOW)).toBeUndefined();
  });

  it('is not waited for where nobody ever had it', () => {
    expect(unmet({ ...OLD, why: 'unused' })).toBeUndefined();
  });
});

describe('the grace of an old credential', () => {
  it('begins when whoever reads the targets has taken up what is live', () => {
    const { graceFrom: _, ...waiting } = OLD;
    const begun = (throughAt?: number) => {
      const state = refreshing(CHECKOUT, throughAt === undefined ? {} : { throughAt });
      const policy = { ...POLICY, targets: [{ ...TARGET, consumers: [CHECKOUT] }] } as const;
      const targets = { [TARGET.id]: confirmedWith(state) };
      return graceFacts(known({ targets, old: [waiting] }, {}, { policy }));
    };
    expect(begun()).toEqual([]);
    expect(begun(NOW)).toMatchObject([{ kind: 'grace-begun', reference: 'r-old' }]);
  });
});

describe('an old credential', () => {
  it('that nobody ever had is held by no target, whatever a target holds', () => {
    const { fingerprint: _, ...nameless }: OldCredential = OLD;
    const nothing = { [TARGET.id]: { requestedAt: NOW, holds: { kind: 'nothing' } } } as const;
    const old: Retirable = { ...nameless, why: 'unused', reference: 'r-old' };
    expect(unmetForRetire(known({}, { targets: nothing }), old)).toBeUndefined();
  });

  it('is the last one where what is live is not seen beside it, though that is of an account by name', () => {
    const seen = { account: { ...ACCOUNT, credentials: [listed('old')] } };
    expect(unmetForRetire(known({ live: { ...LIVE, accountId: 'a1' } }, seen), OLD)).toStrictEqual(
      waits('the live credential is not seen beside it'),
    );
  });

  it('that has leaked is retired again at once where the last retirement was lost: that costs nothing', () => {
    const leaked: Retirable = { ...OLD, compromised: true, intendedAt: NOW };
    expect(unmetForRetire(known(), leaked)).toBeUndefined();
  });

  it('needs to be known whose the manager credential is', () => {
    const { manager: _, ...seen } = known().seen;
    expect(unmetForRetire(known({}, {}, { seen }), OLD)).toStrictEqual({
      need: 'whose the manager credential is',
      by: 'manager',
    });
  });
});
