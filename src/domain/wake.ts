/** When to look at an account next: one instant, the earliest of all that could matter, with its reason. */
import { dueNext, dueNow } from './due.ts';
import { HOLDS } from './hold.ts';
import { holdsOf, mintHold } from './holds.ts';
import { backOffMs, LIMITS } from './limits.ts';
import { undelivered } from './live.ts';
import type { AccountRecord } from './record.ts';
import type { Situation } from './situation.ts';

export type WakeWhy =
  | 'slot'
  | 'missed'
  | 'expiry'
  | 'max-age'
  | 'retry'
  | 'settle'
  | 're-observe'
  | 'recheck'
  | 'hold-ends'
  | 'now';

export interface Wake {
  readonly at: number;
  readonly why: WakeWhy;
}

type Waking = Pick<Situation, 'policy' | 'record' | 'now' | 'sharedHolds' | 'configured' | 'dice'>;

/** The earliest of all reasons to look again; `undefined` where nothing is left to come. */
export function wakeOf(waking: Waking): Wake | undefined {
  return [
    ...recovery(waking),
    ...retries(waking),
    ...waking.record.reobserveAt.map((at): Wake => ({ at, why: 're-observe' })),
    ...plans(waking),
    ...rechecks(waking),
  ].toSorted((one, other) => one.at - other.at)[0];
}

/** When to look whether a mint of unknown outcome happened: soon and often at first, until it has settled. */
export function recoverLookAt(record: AccountRecord, dice: number): number | undefined {
  const intent = record.rotation?.intent;
  if (intent === undefined) return undefined;
  const last = intent.sightedAt ?? intent.sentAt;
  const next = last + backOffMs(intent.sightings, LIMITS.recoverFirstMs, LIMITS.recoverMaxMs, dice);
  const settled = intent.sentAt + LIMITS.settleMs;
  return intent.sightings > 0 && last < settled ? Math.min(next, settled) : next;
}

function recovery({ record, dice }: Waking): Wake[] {
  const at = recoverLookAt(record, dice);
  return at === undefined ? [] : [{ at: Math.max(at, record.retryAt ?? 0), why: 'settle' }];
}

function retries({ policy, record, configured }: Waking): Wake[] {
  const wakes: Wake[] = [];
  if (record.retryAt !== undefined) wakes.push({ at: record.retryAt, why: 'retry' });
  for (const target of undelivered({ policy, record })) {
    const known = record.targets[target.id];
    const reported = policy.onDrift === 'report' && known?.drifted !== undefined && known.owed === undefined;
    if (known?.foreign !== undefined || reported || record.mismatched !== undefined) continue;
    if (!configured && known?.owed === undefined) continue;
    if (known?.retryAt !== undefined) wakes.push({ at: known.retryAt, why: 'retry' });
  }
  return wakes;
}

function plans(waking: Waking): Wake[] {
  const { record, configured } = waking;
  if (!configured) return [];
  const next = dueNext(waking);
  const why =
    next?.trigger === 'schedule' ? (next.slot === record.missed?.slot ? 'missed' : 'slot') : next?.trigger;
  if (next === undefined || why === undefined) return [];
  return [{ at: next.dueAt, why: why === 'expiry' || why === 'max-age' || why === 'missed' ? why : 'slot' }];
}

/** What holds back something that is due: looked at when it ends, or again after a while. */
function rechecks(waking: Waking): Wake[] {
  const { record, now, configured, dice } = waking;
  if (!configured) return [];
  const again: Wake = { at: now + Math.round(LIMITS.recheckMs * (1 + dice / 4)), why: 'recheck' };
  const due = dueNow(waking) ?? unminted(record);
  const hold = due && mintHold(waking, due);
  if (hold === undefined) return holdsOf(waking).some((held) => held.kind === 'foreign') ? [again] : [];
  if (hold.until !== undefined) return [{ at: hold.until, why: 'hold-ends' }];
  const { scope } = HOLDS[hold.kind];
  if (scope === 'store')
    return [
      { at: now + backOffMs(record.retries + 1, LIMITS.retryFirstMs, LIMITS.retryMaxMs, dice), why: 'retry' },
    ];
  return hold.kind === 'parked' || hold.kind === 'paused' ? [] : [again];
}

function unminted({ rotation }: AccountRecord) {
  if (rotation === undefined || rotation.minted !== undefined) return undefined;
  return { trigger: rotation.trigger, dueAt: rotation.dueAt };
}
