import { describe, expect, it } from 'vitest';
import { accountText } from '../../src/cli/account-text.ts';
import { consumerLines } from '../../src/cli/consumer-text.ts';
import { historyText, rotationText } from '../../src/cli/history-text.ts';
import { statusText } from '../../src/cli/status-text.ts';
import { consumerViews } from '../../src/http/consumer-views.ts';
import type { Refreshing } from '../../src/domain/consumer.ts';
import type { ConsumerView } from '../../src/http/consumer-views.ts';
import type { TargetView } from '../../src/http/views.ts';
import type { RotationRow } from '../../src/ports/journal.ts';
import { CHECKOUT, confirmedWith, HOOK, NEEDED_MS, READ, readBy, refreshing } from '../builders/refresh.ts';
import { NOW } from '../builders/situation.ts';
import { CONVERGED, statusView } from '../builders/views.ts';

const MINUTE_MS = 60_000;
const AT = '2026-01-05 11:5';

const SUMMARY = { ...statusView(NOW), accounts: 3 };

function rotation(): RotationRow {
  return {
    id: 'r1',
    account: 1,
    accountName: 'billing',
    trigger: 'schedule',
    cause: { actor: 'rekeyd' },
    openedAt: NOW - 100_000,
    closedAt: NOW - 80_000,
    outcome: 'succeeded',
    darkWindowMs: 12,
  };
}

function line(view: Omit<ConsumerView, 'id' | 'failures'>): string {
  const target = { id: READ.id, required: true, state: 'converged', failures: 0 } as const;
  const consumers = [{ id: 'cluster restart Deployment shop/checkout', failures: 0, ...view }];
  return consumerLines({ ...target, consumers }, NOW).join('');
}

const WHO = 'files:billing/token: cluster restart Deployment shop/checkout: ';

describe('what the status of an account says of a consumer', () => {
  it.each<[Omit<ConsumerView, 'id' | 'failures'>, string]>([
    [{ state: 'idle' }, 'nothing was to be taken up yet\n'],
    [
      { state: 'waiting', since: NOW - MINUTE_MS, why: 'waits for others', lookAt: NOW + 2_000 },
      `needed since 1m ago (${AT}9:00Z), not asked yet: waits for others; looked at next in 2s (2026-01-05 12:00:02Z)\n`,
    ],
    [
      { state: 'refreshing', since: NOW - MINUTE_MS, why: '1 of 2 pods is updated', lookAt: NOW },
      `asked 1m ago (${AT}9:00Z): 1 of 2 pods is updated; looked at next now (2026-01-05 12:00:00Z)\n`,
    ],
    [
      { state: 'unhealthy', since: NOW - MINUTE_MS, why: 'ProgressDeadlineExceeded' },
      `unhealthy since 1m ago (${AT}9:00Z): ProgressDeadlineExceeded\n`,
    ],
    [
      { state: 'through', since: NOW - MINUTE_MS, lagMs: 83_000 },
      `through 1m ago (${AT}9:00Z), consumer lag 1m23s\n`,
    ],
    [{ state: 'through', since: NOW - MINUTE_MS }, `through 1m ago (${AT}9:00Z)\n`],
  ])('that is %j', (view, want) => {
    expect(line(view)).toBe(`${WHO}${want}`);
  });

  it('stands below its targets, a line for each consumer', () => {
    const consumers = [
      { id: 'deploys webhook', state: 'idle', failures: 0 },
      { id: 'cluster restart Deployment shop/checkout', state: 'idle', failures: 0 },
    ] as const;
    const read = { id: READ.id, required: true, state: 'converged', failures: 0, consumers } as const;
    const text = accountText({ ...CONVERGED, targets: [read] }, NOW);
    const want = consumers.map(({ id }) => `${READ.id}: ${id}: nothing was to be taken up yet\n`).join('');
    expect(text.endsWith(`\n${want}`)).toBe(true);
    const silent: TargetView = { id: READ.id, required: true, state: 'converged', failures: 0 };
    expect(accountText({ ...CONVERGED, targets: [silent] }, NOW)).not.toContain('taken up');
  });
});

describe('how far a consumer is', () => {
  const seen = (...states: readonly Refreshing[]) =>
    consumerViews(readBy(CHECKOUT), confirmedWith(...states)).consumers?.[0];
  const id = CHECKOUT.id;

  it('is not shown of a target that names none', () => {
    expect(consumerViews(readBy(), undefined)).toEqual({});
    expect(consumerViews({}, undefined)).toEqual({});
  });

  it('is that it idles where nothing was to be taken up since it is named', () => {
    expect(consumerViews(readBy(CHECKOUT), undefined).consumers).toEqual([
      { id, state: 'idle', failures: 0 },
    ]);
    expect(seen(refreshing(HOOK))).toEqual({ id, state: 'idle', failures: 0 });
  });

  it.each([
    [{}, { state: 'waiting', since: NOW - NEEDED_MS, lookAt: NOW, failures: 0 }],
    [
      { begunAt: NOW - 9, lastWhy: 'half' },
      { state: 'refreshing', since: NOW - 9, why: 'half', lookAt: NOW, failures: 0 },
    ],
    [
      { begunAt: NOW - 9, unhealthySince: NOW - 3, lastWhy: 'late', failures: 2 },
      { state: 'unhealthy', since: NOW - 3, why: 'late', lookAt: NOW, failures: 2 },
    ],
    [
      { begunAt: NOW - 9, throughAt: NOW - 1, lagMs: 5 },
      { state: 'through', since: NOW - 1, lagMs: 5, failures: 0 },
    ],
  ])('with %j known of it', (known, want) => {
    expect(seen(refreshing(CHECKOUT, known))).toEqual({ id, ...want });
  });
});

describe('what the status of the daemon says of consumers', () => {
  it('counts accounts whose consumers are behind, and is silent where none is', () => {
    const of = (consumersBehind: number) =>
      statusText({ summary: { ...SUMMARY, consumersBehind }, accounts: { items: [] }, where: 'here' });
    expect(of(2)).toContain('3 accounts: all converged, 2 with consumers behind');
    expect(of(0)).not.toContain('behind');
  });
});

describe('what the history says of consumers', () => {
  const lagging = { ...rotation(), consumerLagMs: 83_000 };

  it('has their lag beside the dark window, once all are through', () => {
    const [head = '', first = '', second = ''] = historyText({ items: [lagging, rotation()] }, NOW).split(
      '\n',
    );
    const at = head.indexOf('CONSUMER LAG');
    expect(head.slice(0, at)).toMatch(/DARK WINDOW +$/);
    expect(first.slice(at)).toMatch(/^1m23s /);
    expect(second.slice(at)).toMatch(/^- /);
  });

  it('has it in the view of one rotation as well, with a step for each consumer', () => {
    const times = { startedAt: NOW - 90_000, endedAt: NOW - 7_000 };
    const step = {
      rotation: 'r1',
      step: 'refresh',
      target: CHECKOUT.id,
      attempts: 1,
      outcome: 'ok',
      ...times,
    };
    const text = rotationText({ rotation: lagging, steps: [step], facts: [] }, NOW);
    expect(text).toMatch(/^consumer lag +1m23s$/m);
    expect(text).toMatch(/ refresh +cluster restart Deployment shop\/checkout +ok +1m23s +1$/m);
    expect(rotationText({ rotation: rotation(), steps: [], facts: [] }, NOW)).not.toContain('consumer lag');
  });
});
