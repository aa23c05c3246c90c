/** Every row that says what may happen and when, by a name. Those of the domain's tables are taken from these: none is forgotten. */
import { FAILURES } from '../../../src/domain/failure.ts';
import type { FailureKind } from '../../../src/domain/failure.ts';
import { HOLDS } from '../../../src/domain/hold.ts';
import type { HoldKind } from '../../../src/domain/hold.ts';
import { LIMITS } from '../../../src/domain/limits.ts';
import { MINT_NEEDS } from '../../../src/domain/needs.ts';
import { COMPROMISED_NEEDS, RETIRE_NEEDS } from '../../../src/domain/retire-needs.ts';
import type { WakeWhy } from '../../../src/domain/wake.ts';
import type { Invariant } from '../watch/verdicts.ts';

export type Row =
  | `hold ${HoldKind}`
  | `need ${string}`
  | `wake ${WakeWhy}`
  | `failure ${FailureKind}`
  | `limit ${LimitName}`
  | `retire ${string}`
  | `end ${string}`
  | 'sweeping'
  | `promise ${Exclude<Invariant, 'run'>}`;

type LimitName = keyof typeof LIMITS | (typeof CONFIGURED)[number];

/** Limits that are configured. */
const CONFIGURED = ['parkAfter', 'freeze', 'reserve', 'minInterval', 'proofMaxAge', 'onDrift'] as const;

const WAKES = {
  slot: true,
  missed: true,
  expiry: true,
  'max-age': true,
  retry: true,
  settle: true,
  're-observe': true,
  recheck: true,
  verify: true,
  refused: true,
  'hold-ends': true,
  grace: true,
  consumer: true,
  now: true,
} as const satisfies Record<WakeWhy, true>;

const PROMISES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] as const;

export const ROWS: readonly Row[] = [
  ...keysOf(HOLDS).map((kind) => `hold ${kind}` as const),
  ...MINT_NEEDS.map(({ need }) => `need ${need}` as const),
  ...keysOf(WAKES).map((why) => `wake ${why}` as const),
  ...keysOf(FAILURES).map((kind) => `failure ${kind}` as const),
  ...[...keysOf(LIMITS), ...CONFIGURED].map((name) => `limit ${name}` as const),
  ...RETIRE_NEEDS.map(({ need }) => `retire ${need}` as const),
  ...COMPROMISED_NEEDS.map(({ need }) => `end ${need}` as const),
  'sweeping',
  ...PROMISES.map((number) => `promise ${number}` as const),
];

function keysOf<T extends object>(table: T): (keyof T & string)[] {
  return Object.keys(table) as (keyof T & string)[];
}
