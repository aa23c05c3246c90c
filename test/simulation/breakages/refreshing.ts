/** Mistakes with those who read targets: never or too often made to read anew, not waited for, or the reason for a mint. */
import { succeeded } from '../../../src/domain/failure.ts';
import type { FailureKind } from '../../../src/domain/failure.ts';
import { LIMITS } from '../../../src/domain/limits.ts';
import type { AccountRecord } from '../../../src/domain/record.ts';
import { overlay } from '../overlay.ts';
import { neverWoken } from './delivering.ts';
import { idle } from './holds.ts';
import { onConsumers, onJournal, onTable, withoutHolds } from './mistake.ts';
import type { Mistake } from './mistake.ts';
import { unasked } from './needs.ts';

const BEHIND = /has not taken up what/;
const AGAIN = /read anew, which it had done/;
const USED = /may use still/;
const YEAR_MS = 365 * 86_400_000;

/** After a failure of this kind the consumer is not asked again. */
function neverAsked(kind: FailureKind): Mistake {
  return {
    name: `after ${kind} nobody is asked again`,
    rows: [`failure ${kind}`],
    breaks: 1,
    says: BEHIND,
    make() {
      const failed = new Set<string>();
      return onJournal((journal) => ({
        commit: (given) => {
          for (const fact of given.facts) {
            if (fact.kind === 'consumer-failed' && fact.failure === kind)
              failed.add(`${given.account} ${fact.target} ${fact.consumer}`);
          }
          return journal.commit(given);
        },
        claim: async (given) =>
          (await journal.claim(given)).map((claim) => ({
            ...claim,
            record: withLooks(claim.record, (target, id, checkAt) =>
              failed.has(`${claim.id} ${target} ${id}`) ? checkAt + YEAR_MS : checkAt,
            ),
          })),
      }))();
    },
  };
}

function withLooks(
  record: AccountRecord,
  lookAt: (target: string, consumer: string, checkAt: number) => number,
): AccountRecord {
  const targets = Object.entries(record.targets).map(([target, known]) => {
    const { refresh } = known;
    if (refresh === undefined) return [target, known] as const;
    const consumers = Object.entries(refresh.consumers).map(
      ([id, state]) => [id, { ...state, checkAt: lookAt(target, id, state.checkAt) }] as const,
    );
    return [target, { ...known, refresh: { ...refresh, consumers: Object.fromEntries(consumers) } }] as const;
  });
  return { ...record, targets: Object.fromEntries(targets) };
}

export const REFRESHING_MISTAKES: readonly Mistake[] = [
  neverWoken('consumer', BEHIND),
  neverAsked('consumer-refused'),
  neverAsked('consumer-unavailable'),
  {
    name: 'who reads a target is not told that it was written',
    rows: [],
    breaks: 1,
    says: BEHIND,
    make: onConsumers(({ name }) => ({
      refresh: () => Promise.resolve(succeeded({ state: 'through', at: name.length })),
    })),
  },
  {
    name: 'others that need the same consumer are waited for until none comes for a year',
    rows: ['limit togetherMs', 'limit togetherSoonMs'],
    breaks: 1,
    says: BEHIND,
    make: onTable(LIMITS, { togetherMs: YEAR_MS, togetherSoonMs: YEAR_MS }),
  },
  {
    name: 'a consumer that is asked is looked at after a year',
    rows: ['limit refreshLookMs', 'limit refreshLookMaxMs'],
    breaks: 1,
    says: /consumer-unhealthy .* still holds|has not taken up what/,
    make: onTable(LIMITS, { refreshLookMs: YEAR_MS, refreshLookMaxMs: YEAR_MS }),
  },
  {
    name: 'a workload is restarted before what it reads is synchronised',
    rows: [],
    breaks: 1,
    says: BEHIND,
    make: onConsumers((consumers) => ({
      refresh: async (refresh, options) => {
        const answer = await consumers.refresh(refresh, options);
        const { does } = refresh;
        return answer.ok && does === 'forceSync' ? succeeded({ state: 'through', at: 0 }) : answer;
      },
    })),
  },
  {
    name: 'a restart is asked for with the present time at each look',
    rows: [],
    breaks: 11,
    says: AGAIN,
    make: () => ({
      parts: (parts) => {
        const connections = parts.connections();
        const consumer = (name: string) => {
          const real = connections.consumer(name);
          if (real === undefined) return undefined;
          return overlay(real, {
            refresh: (asked, options) => real.refresh({ ...asked, neededAt: parts.clock.now() }, options),
          });
        };
        return { ...parts, connections: () => ({ ...connections, consumer }) };
      },
    }),
  },
  {
    name: 'a consumer that cannot be asked is a reason to rotate',
    rows: [],
    breaks: 11,
    says: /nobody asked for it/,
    make: onJournal((journal) => ({
      commit: async (given) => {
        const outcome = await journal.commit(given);
        const failed = given.facts.find(({ kind }) => kind === 'consumer-failed');
        if (failed === undefined) return outcome;
        const request = { id: failed.id, account: given.account, does: 'rotate' as const };
        await journal.request([{ ...request, cause: { actor: 'rekeyd' } }], failed.at);
        return outcome;
      },
    })),
  },
  idle('consumer-unhealthy'),
  {
    name: 'a journal forgets that a consumer is not well',
    rows: ['hold consumer-unhealthy'],
    breaks: 3,
    says: /held: .*consumer-unhealthy/,
    make: withoutHolds('consumer-unhealthy'),
  },
  {
    name: 'it does not matter whether the consumers of the last turn are through',
    rows: ['need the consumers of the last turn through'],
    breaks: 5,
    says: USED,
    strategy: 'pair',
    make: unasked('the consumers of the last turn through'),
  },
  {
    name: 'an old credential is retired though a consumer may use it',
    rows: ['retire the newer one taken up by whoever reads the targets'],
    breaks: 5,
    says: USED,
    strategy: 'overlap',
    make: onConsumers(() => ({
      refresh: () => Promise.resolve(succeeded({ state: 'through', at: 0 })),
    })),
  },
];
