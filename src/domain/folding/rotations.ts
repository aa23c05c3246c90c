/** Facts about slots, requests and the rotation as a whole. */
import type { FactOf } from '../fact.ts';
import { missesSlots } from '../hold.ts';
import type { AccountRecord, OpenRotation } from '../record.ts';
import { asksToRotate, compromiseOf, moreUrgent } from '../request.ts';
import type { Compromise } from '../request.ts';
import type { Folds } from './folds.ts';
import { compromised } from './leaks.ts';
import { dropped, tried } from './overlapping.ts';
import { backOff, forgetBackOff, inRotation, lookAgain, without } from './parts.ts';

export const ROTATIONS = {
  'slot-skipped': (record, fact) =>
    without({ ...record, slot: fact.slot }, 'missed', 'heldSlot', 'pausedSlot'),
  'slot-missed': (record, fact) => ({
    ...without(record, 'pausedSlot'),
    missed: { slot: fact.slot, runAt: fact.runAt },
  }),
  'slot-held': (record, fact) =>
    missesSlots(fact.hold)
      ? { ...without(record, 'missed', 'heldSlot'), pausedSlot: fact.slot }
      : { ...record, heldSlot: fact.slot },
  'request-taken': (record, fact) => takeRequest(record, fact),
  'request-refused': (record) => record,
  'credential-compromised': (record) => compromised(record),
  'rotation-opened': (record, fact) => openRotation(record, fact),
  'rotation-joined': (record, fact) => joinRotation(record, fact),
  'old-credential-tried': (record, fact) =>
    inRotation(record, (rotation) => tried(rotation, fact.fingerprint)),
  'rotation-succeeded': (record, fact) => ({
    ...without(record, 'rotation', 'parked', 'retryAt', 'lastFailure'),
    failures: 0,
    retries: 0,
    lastRotation: {
      id: record.rotation?.id ?? '',
      at: fact.at,
      estimated: fact.estimated,
      ...(fact.darkWindowMs === undefined ? {} : { darkWindowMs: fact.darkWindowMs }),
    },
  }),
  'rotation-failed': (record, fact) => ({
    ...backOff(record, fact),
    retries: fact.attempt,
    failures: record.failures + (fact.counts ? 1 : 0),
  }),
  'rotation-abandoned': (record, { at }) => without(dropped(record, at), 'rotation', 'retryAt'),
} satisfies Partial<Folds>;

function takeRequest(record: AccountRecord, fact: FactOf<'request-taken'>): AccountRecord {
  if (fact.does === 'reconcile') return lookAgain(forgetBackOff(record), fact.at);
  if (!asksToRotate(fact.does)) return record;
  const waiting = record.waiting ?? { requests: [], cause: fact.cause, at: fact.at };
  const requests = [...waiting.requests, fact.request];
  const compromised = moreUrgent(waiting.compromised, compromiseOf(fact.does));
  return { ...record, waiting: { ...waiting, requests, ...compromisedOf(compromised) } };
}

function compromisedOf(compromised: Compromise | undefined): { readonly compromised?: Compromise } {
  return compromised === undefined ? {} : { compromised };
}

function openRotation(record: AccountRecord, fact: FactOf<'rotation-opened'>): AccountRecord {
  const rotation: OpenRotation = {
    id: fact.rotation ?? fact.id,
    trigger: fact.trigger,
    cause: fact.cause,
    dueAt: fact.dueAt,
    openedAt: fact.at,
    requests: fact.trigger === 'manual' ? (record.waiting?.requests ?? []) : [],
    attempts: 0,
    lost: false,
    oldTried: false,
    ...(fact.slot === undefined ? {} : { slot: fact.slot }),
    ...compromisedOf(fact.compromised),
  };
  const base = without(
    record,
    'missed',
    'heldSlot',
    'pausedSlot',
    'retryAt',
    ...(fact.trigger === 'manual' ? ['waiting' as const] : []),
  );
  return { ...base, rotation, retries: 0, ...(fact.slot === undefined ? {} : { slot: fact.slot }) };
}

/** What is due by its schedule does not wait for what a rotation because of a refusal has to wait for. */
function onSchedule({ trigger }: OpenRotation): { readonly trigger?: 'schedule' } {
  return trigger === 'refused' ? { trigger: 'schedule' } : {};
}

function joinRotation(record: AccountRecord, fact: FactOf<'rotation-joined'>): AccountRecord {
  // What a rotation before was to end, and did not, is asked for without a request of its own.
  const isAsked = fact.requests.length > 0 || fact.compromised !== undefined;
  const joined = inRotation(record, (rotation) => ({
    ...rotation,
    ...(fact.slot === undefined ? {} : { slot: fact.slot, ...onSchedule(rotation) }),
    ...(isAsked
      ? {
          requests: [...rotation.requests, ...fact.requests],
          trigger: 'manual' as const,
          cause: fact.cause,
          ...compromisedOf(moreUrgent(rotation.compromised, fact.compromised)),
        }
      : {}),
  }));
  const base = isAsked ? without(joined, 'waiting', 'retryAt') : joined;
  return { ...base, ...(fact.slot === undefined ? {} : { slot: fact.slot }) };
}
