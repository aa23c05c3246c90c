import { describe, expect, it } from 'vitest';
import type { Refreshing } from '../../src/domain/consumer.ts';
import { evolve } from '../../src/domain/evolve.ts';
import type { Fact } from '../../src/domain/fact.ts';
import { noteTargets } from '../../src/domain/deciding/comparing.ts';
import { notePolicy } from '../../src/domain/deciding/requests.ts';
import { forgottenTargets, placesOf } from '../../src/domain/places.ts';
import type { AccountRecord, TargetRecord } from '../../src/domain/record.ts';
import { isOwing, targetsOf } from '../../src/domain/situation.ts';
import type { Target } from '../../src/domain/target.ts';
import { account, restart, target } from '../builders/account.ts';
import { fact } from '../builders/fact.ts';
import { noted } from '../builders/decision.ts';
import { CHECKOUT, needOf, READ, refreshing } from '../builders/refresh.ts';
import { ALL_SEEN, LIVE_THERE, NOW, record, situation } from '../builders/situation.ts';
import { UNTOUCHED } from '../builders/targets.ts';

const WHOLE = target('aws:prod/billing');
const PART = part(WHOLE, 'token');
const OTHER_PART = part(WHOLE, 'secret');
const ELSEWHERE: Target = { ...WHOLE, location: 'aws://other-region/prod/billing' };
const RENAMED: Target = { ...WHOLE, id: 'vault:prod/billing', store: 'vault' };
const BESIDE = target('aws:prod/billing-2');

const KNOWN: TargetRecord = {
  ...UNTOUCHED,
  written: { fingerprint: 'live', version: '1', at: NOW - 2_000 },
  confirmed: { fingerprint: 'live', version: '1', at: NOW - 1_000 },
};

/** A part of what stands at the same place, named as the configuration names it. */
function part(whole: Target, key: string): Target {
  const format = { kind: 'key', options: { key } };
  return { ...whole, id: `${whole.id}#${key}`, location: `${whole.location}#${key}`, format };
}

function owed(to: Target): TargetRecord {
  return { ...UNTOUCHED, owed: { fingerprint: 'live', target: to } };
}

const cases: readonly {
  readonly name: string;
  readonly was?: readonly [Target, ...Target[]];
  readonly known: Readonly<Record<string, TargetRecord>>;
  readonly is: readonly [Target, ...Target[]];
  readonly want: readonly string[];
}[] = [
  {
    name: 'nothing where a target stays where it is',
    was: [WHOLE],
    known: { [WHOLE.id]: KNOWN },
    is: [WHOLE],
    want: [],
  },
  {
    name: 'nothing where the whole of it is written down in another format',
    was: [WHOLE],
    known: { [WHOLE.id]: KNOWN },
    is: [{ ...WHOLE, format: { kind: 'json', options: {} } }],
    want: [],
  },
  {
    name: 'a key of a document when the whole of it becomes the target',
    was: [PART],
    known: { [PART.id]: KNOWN },
    is: [WHOLE],
    want: [PART.id],
  },
  {
    name: 'the whole of a document when a key of it becomes the target',
    was: [WHOLE],
    known: { [WHOLE.id]: KNOWN },
    is: [PART],
    want: [WHOLE.id],
  },
  {
    name: 'one that was away, and is back',
    was: [PART],
    known: { [WHOLE.id]: KNOWN, [PART.id]: KNOWN },
    is: [PART, WHOLE],
    want: [WHOLE.id],
  },
  {
    name: 'one that left',
    was: [WHOLE, BESIDE],
    known: { [WHOLE.id]: KNOWN, [BESIDE.id]: KNOWN },
    is: [WHOLE],
    want: [BESIDE.id],
  },
  {
    name: 'one whose store is somewhere else now, also where something is owed to it',
    was: [WHOLE],
    known: { [WHOLE.id]: { ...KNOWN, ...owed(WHOLE) } },
    is: [ELSEWHERE],
    want: [WHOLE.id],
  },
  {
    name: 'nothing where one that left still gets what is owed to it',
    was: [WHOLE, BESIDE],
    known: { [WHOLE.id]: KNOWN, [BESIDE.id]: owed(BESIDE) },
    is: [WHOLE],
    want: [],
  },
  {
    name: 'nothing where what is owed goes into another key of the same document',
    was: [PART],
    known: { [PART.id]: owed(PART) },
    is: [OTHER_PART],
    want: [],
  },
  {
    name: 'the whole of a document to which something is owed, when a key of it becomes the target',
    was: [WHOLE],
    known: { [WHOLE.id]: owed(WHOLE) },
    is: [PART],
    want: [WHOLE.id],
  },
  {
    name: 'a key to which something is owed, when the whole of the document becomes the target',
    was: [PART],
    known: { [PART.id]: owed(PART) },
    is: [WHOLE],
    want: [PART.id],
  },
  {
    name: 'one to which something is owed, when its place goes by another name',
    was: [WHOLE],
    known: { [WHOLE.id]: owed(WHOLE) },
    is: [RENAMED],
    want: [WHOLE.id],
  },
  {
    name: 'what is not configured alone, where nobody noted where the targets were',
    known: { [WHOLE.id]: KNOWN, [BESIDE.id]: KNOWN },
    is: [WHOLE],
    want: [BESIDE.id],
  },
];

describe('under another policy there is forgotten', () => {
  it.each(cases)('$name', ({ was, known, is, want }) => {
    const inJournal: Pick<AccountRecord, 'targets' | 'places'> = {
      targets: known,
      ...(was === undefined ? {} : { places: placesOf({ targets: was }) }),
    };
    expect(forgottenTargets({ policy: { targets: is }, record: inJournal })).toEqual(want);
  });
});

const before = record({ targets: { [WHOLE.id]: KNOWN }, places: placesOf({ targets: [WHOLE] }) });

/** The record when these targets are configured. */
function change(is: readonly [Target, ...Target[]], from: AccountRecord = before): AccountRecord {
  const policy = account({ targets: is });
  const decision = notePolicy(situation({ policy, policyChanged: true, record: from }));
  const facts = decision?.do === 'note' ? decision.facts : [];
  return facts
    .map((one): Fact => ({ id: 'f1', at: NOW, cause: { actor: 'rekeyd' }, ...one }))
    .reduce(evolve, from);
}

describe('a policy that changed', () => {
  it('leaves nothing known of a target that was away meanwhile', () => {
    expect(change([WHOLE], change([PART])).targets).toEqual({});
  });

  it('leaves what is known of a target that stays', () => {
    expect(change([WHOLE, BESIDE]).targets).toEqual(before.targets);
  });

  it('leaves what consumers were to take up, and nothing else', () => {
    const consumer = restart();
    const refresh = {
      version: '1',
      fingerprint: 'live',
      neededAt: NOW,
      writtenAt: NOW,
      consumers: { [consumer.id]: { consumer, failures: 0, checkAt: NOW } },
    };
    const waiting = { ...before, targets: { [WHOLE.id]: { ...KNOWN, refresh } } };
    expect(change([PART], waiting).targets).toEqual({ [WHOLE.id]: { ...UNTOUCHED, refresh } });
  });
});

describe('of the targets that left, a record', () => {
  const consumer = restart();
  const since = (neededAt: number, changes: Partial<Refreshing> = { throughAt: NOW }): TargetRecord => ({
    ...UNTOUCHED,
    refresh: needOf([refreshing(consumer, changes)], { neededAt }),
  });
  const left = Object.fromEntries(
    Array.from({ length: 40 }, (_, index) => [`aws:left-${index}`, since(NOW - index)]),
  );
  const after = (more: AccountRecord['targets'] = {}) =>
    Object.keys(change([WHOLE], { ...before, targets: { ...left, ...more } }).targets);

  it('keeps the newest ones whose consumers are through, so that it does not grow for ever', () => {
    expect(after()).toEqual(Object.keys(left).slice(0, 32));
  });

  it('keeps all whose consumers are waited for, or to which something is owed, and those that are configured', () => {
    const [old, behind, owing] = [since(0), since(0, {}), { ...since(0), ...owed(BESIDE) }];
    const kept = after({ [WHOLE.id]: old, 'aws:behind': behind, [BESIDE.id]: owing });
    expect(kept.slice(32)).toEqual([WHOLE.id, 'aws:behind', BESIDE.id]);
  });
});

describe('a target that is back and holds what we wrote', () => {
  it.each([
    ['are not asked again to take up what they were asked for', '2', {}],
    ['are asked to take up what came there since', '3', { consumers: READ.consumers }],
  ])('has consumers that %s', (_, version, want) => {
    const known: TargetRecord = { ...UNTOUCHED, refresh: needOf([refreshing(CHECKOUT, { throughAt: NOW })]) };
    const seen = { ...LIVE_THERE, version, writtenByUsAt: NOW - 1_000 };
    const decision = noteTargets(
      situation({
        policy: account({ targets: [READ] }),
        record: record({ targets: { [READ.id]: known } }),
        seen: { ...ALL_SEEN, targets: { [READ.id]: seen } },
      }),
    );
    const body = { target: READ.id, fingerprint: 'live', version };
    expect(decision).toStrictEqual(noted({ kind: 'target-confirmed', ...body, ...want }));
  });
});

describe('what is owed to a target that left', () => {
  it('is delivered', () => {
    const known = {
      policy: account({ targets: [WHOLE] }),
      record: record({ targets: { [BESIDE.id]: owed(BESIDE) } }),
    };
    expect(targetsOf(known)).toEqual([WHOLE, BESIDE]);
    expect(isOwing(known)).toBe(true);
  });

  it.each([
    ['the whole of it', PART, WHOLE],
    ['a key of it', WHOLE, PART],
  ])('is not where %s is a target now, and it was minted before that', (_, left, is) => {
    const known = {
      policy: account({ targets: [is] }),
      record: record({ targets: { [left.id]: owed(left) } }),
    };
    expect(targetsOf(known)).toEqual([is]);
    expect(isOwing(known)).toBe(false);
  });
});

describe('an account that left', () => {
  it('knows nothing of its targets when it comes back', () => {
    const left = evolve(before, fact('account-left', {}));
    expect(change([WHOLE], left).targets).toEqual({});
  });
});
