/** Mistakes after which a target does not hold what is live, or nobody wakes up to see to it. */
import type { Credential } from '../../../src/domain/credential.ts';
import { FAILURES, succeeded } from '../../../src/domain/failure.ts';
import type { FailureKind } from '../../../src/domain/failure.ts';
import type { AccountRecord, TargetRecord } from '../../../src/domain/record.ts';
import type { WakeWhy } from '../../../src/domain/wake.ts';
import type { Stored } from '../../../src/ports/store.ts';
import { onCommits, onRecords, onSight, onStore } from './mistake.ts';
import type { Mistake } from './mistake.ts';

const LATE = /holds|nothing was minted|still holds/;
const YEAR_MS = 365 * 86_400_000;
const NEVER_AT = Date.parse('2100-01-01T00:00:00Z');

/** What is done after these is another row's business, or is done for consumers: those mistakes are made apart. */
const OTHERWISE: readonly FailureKind[] = ['credential-refused', 'consumer-refused', 'consumer-unavailable'];

/** What is to be done then is never done. */
export function neverWoken(why: WakeWhy, says = LATE): Mistake {
  return {
    name: `nobody wakes for ${why}`,
    rows: [`wake ${why}`],
    breaks: 1,
    says,
    make: onCommits((given) => {
      if (!given.release || given.dueWhy !== why) return given;
      const { dueAt: _, dueWhy: _why, ...rest } = given;
      return rest;
    }),
  };
}

/** After a failure of this kind nothing is tried again. */
function neverRetried(kind: FailureKind): Mistake {
  return {
    name: `after ${kind} nothing is tried again`,
    rows: [`failure ${kind}`],
    breaks: 1,
    says: LATE,
    make: onRecords((record) => {
      const targets = Object.entries(record.targets).map(([id, target]) => [id, never(target)] as const);
      return { ...never(record), targets: Object.fromEntries(targets) };
    }),
  };

  function never<T extends Pick<AccountRecord | TargetRecord, 'retryAt' | 'lastFailure'>>(tried: T): T {
    const { retryAt, lastFailure } = tried;
    return retryAt === undefined || lastFailure?.failure !== kind
      ? tried
      : { ...tried, retryAt: retryAt + YEAR_MS };
  }
}

/** What is written never gets there, and is read back all the same. */
const keepsToItself = onStore((store) => {
  const written = new Map<string, Stored>();
  return {
    write: (place, bytes, { writeToken }) => {
      written.set(place.address, { state: 'present', bytes, version: writeToken });
      return Promise.resolve(succeeded({ outcome: 'written', version: writeToken }));
    },
    read: async (place, options) => {
      const answer = await store.read(place, options);
      const kept = written.get(place.address);
      return answer.ok && kept !== undefined ? succeeded(kept) : answer;
    },
  };
});

export const DELIVERING_MISTAKES: readonly Mistake[] = [
  {
    name: 'a store keeps what is written to itself, and reads it back from there',
    rows: [],
    breaks: 1,
    says: /holds/,
    make: keepsToItself,
  },
  {
    name: 'a target that somebody changed is taken for one that is as it was written',
    rows: ['limit onDrift'],
    breaks: 1,
    says: /holds/,
    make: onStore((store) => {
      const written = new Map<string, Stored>();
      return {
        write: async (place, bytes, options) => {
          const answer = await store.write(place, bytes, options);
          if (answer.ok && answer.value.outcome === 'written')
            written.set(place.address, { state: 'present', bytes, version: answer.value.version });
          return answer;
        },
        read: async (place, options) => {
          const answer = await store.read(place, options);
          const kept = written.get(place.address);
          return answer.ok && kept !== undefined ? succeeded(kept) : answer;
        },
      };
    }),
  },
  {
    name: 'a minted standby is delivered nowhere',
    rows: [],
    breaks: 1,
    // The first account's works still: that targets hold it is not enough.
    says: /holds [ab]\d+#\d+ .* and [ab]\d+p#\d+ .* is live/,
    strategy: 'pair',
    make: keepsToItself,
  },
  {
    name: 'a foreign target keeps the other targets of its account from being put right',
    rows: ['hold foreign'],
    breaks: 1,
    says: /holds .* is live/,
    strategy: 'overlap',
    make: onRecords((record) => {
      const targets = Object.entries(record.targets);
      const isHeld = targets.some(([, { foreign }]) => foreign !== undefined);
      const late = ({ retryAt, ...target }: TargetRecord): TargetRecord => {
        if (isHeld) return { ...target, retryAt: NEVER_AT };
        return retryAt === undefined || retryAt === NEVER_AT ? target : { ...target, retryAt };
      };
      return {
        ...record,
        targets: Object.fromEntries(targets.map(([id, target]) => [id, late(target)])),
      };
    }),
  },
  {
    name: 'a look at the provider shows the token that was live at first for ever',
    rows: [],
    breaks: 1,
    says: /nothing was minted/,
    make() {
      const first = new Map<string, Credential>();
      return onSight((seen, id) => {
        if (seen.live === undefined) return seen;
        const live = first.get(id) ?? seen.live;
        first.set(id, live);
        return { ...seen, live };
      })();
    },
  },
  ...(
    [
      'slot',
      'missed',
      'expiry',
      'max-age',
      'retry',
      'settle',
      're-observe',
      'recheck',
      'verify',
      'refused',
      'hold-ends',
      'now',
    ] as const
  ).map((why) => neverWoken(why)),
  ...(Object.keys(FAILURES) as FailureKind[]).filter((kind) => !OTHERWISE.includes(kind)).map(neverRetried),
];
