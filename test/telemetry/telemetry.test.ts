import { describe, expect, it } from 'vitest';
import type { Fact } from '../../src/domain/fact.ts';
import { EVENTS } from '../../src/telemetry/events.ts';
import { FACTS } from '../../src/telemetry/facts.ts';
import { METRICS } from '../../src/telemetry/metric-table.ts';
import { createTelemetry, type DaemonTelemetry } from '../../src/telemetry/telemetry.ts';
import { FakeClock } from '../world/fake-clock.ts';

const AT = Date.parse('2026-01-05T10:00:00Z');
const SUBJECT = { account: 'billing', provider: 'kronup', strategy: 'in-place' };
const CONFIGURED = {
  providers: [{ name: 'kronup', strategies: ['in-place'] }],
  stores: ['files', 'aws'],
};

interface Told {
  readonly telemetry: DaemonTelemetry;
  readonly lines: Record<string, unknown>[];
}

async function listen(): Promise<Told & Disposable> {
  const lines: Record<string, unknown>[] = [];
  const output = { write: (text: string) => void lines.push(JSON.parse(text) as Record<string, unknown>) };
  const telemetry = await createTelemetry({ level: 'debug', output, clock: new FakeClock(AT) });
  telemetry.metrics.declare(CONFIGURED);
  return { telemetry, lines, [Symbol.dispose]: () => telemetry[Symbol.dispose]() };
}

async function scrape({ telemetry }: Told): Promise<string> {
  let text = '';
  const pages = (async function* () {})();
  for await (const piece of telemetry.metrics.render({ now: AT, accountsMax: 10, pages })) text += piece;
  return text;
}

const base = { id: 'f1', at: AT, cause: { actor: 'rekeyd' }, rotation: 'r1' } as const;
const written: Fact = {
  ...base,
  kind: 'target-written',
  target: 'files:/run/secrets/billing',
  fingerprint: '0123456789abcdef',
  version: '7',
  acknowledgedAt: AT + 5,
};

describe('a fact', () => {
  it('is a line with a constant message, what it is about, and instants that people can read', async () => {
    using told = await listen();
    told.telemetry.fact(SUBJECT, written);
    expect(told.lines).toEqual([
      {
        level: 'info',
        time: '2026-01-05T10:00:00.000Z',
        message: 'target written',
        event: 'target-written',
        account: 'billing',
        rotation: 'r1',
        step: 'deliver',
        target: 'files:/run/secrets/billing',
        provider: 'kronup',
        fingerprint: '0123456789abcdef',
        version: '7',
        acknowledgedAt: '2026-01-05T10:00:00.005Z',
      },
    ]);
  });

  it('moves its counters, with the store of its target', async () => {
    using told = await listen();
    told.telemetry.fact(SUBJECT, written);
    const text = await scrape(told);
    expect(text).toContain(
      'rekeyd_facts_total{kind="target-written",provider="kronup",strategy="in-place"} 1\n',
    );
    expect(text).toContain('rekeyd_deliveries_total{store="files",outcome="written"} 1\n');
    expect(text).toContain('rekeyd_deliveries_total{store="aws",outcome="written"} 0\n');
  });

  it('tells a mint that was recovered from one that was answered', async () => {
    using told = await listen();
    const minted = { ...base, kind: 'credential-minted', fingerprint: 'f', sentAt: AT, targets: [] } as const;
    told.telemetry.fact(SUBJECT, { ...minted, recovered: true });
    told.telemetry.fact(SUBJECT, { ...minted, recovered: false });
    told.telemetry.fact(SUBJECT, { ...minted, recovered: false });
    const text = await scrape(told);
    expect(text).toContain(
      'rekeyd_mints_total{provider="kronup",strategy="in-place",outcome="recovered"} 1\n',
    );
    expect(text).toContain('rekeyd_mints_total{provider="kronup",strategy="in-place",outcome="minted"} 2\n');
  });

  it('counts what made a rotation due', async () => {
    using told = await listen();
    told.telemetry.fact(SUBJECT, { ...base, kind: 'rotation-opened', trigger: 'max-age', dueAt: AT });
    expect(await scrape(told)).toContain(
      'rekeyd_rotations_opened_total{provider="kronup",strategy="in-place",trigger="max-age"} 1\n',
    );
  });

  it('shows a failure by its kind and words', async () => {
    using told = await listen();
    told.telemetry.fact(SUBJECT, {
      ...base,
      kind: 'rotation-failed',
      failure: 'no-answer',
      message: 'no answer within 10s',
      attempt: 2,
      retryAt: AT + 60_000,
      counts: false,
    });
    expect(told.lines[0]).toMatchObject({
      level: 'warn',
      message: 'rotation failed',
      failure: 'no-answer',
      detail: 'no answer within 10s',
      attempt: 2,
      retryAt: '2026-01-05T10:01:00.000Z',
    });
  });

  it('names the person who caused it, and why', async () => {
    using told = await listen();
    const cause = { actor: 'socket:1000', reason: 'laptop stolen' };
    told.telemetry.fact(SUBJECT, { ...base, cause, kind: 'account-paused' });
    expect(told.lines[0]).toMatchObject(cause);
  });

  it.each([
    ['deny-window', 'info'],
    ['foreign', 'warn'],
  ])('of being held by %s has the level %s', async (hold, wantLevel) => {
    using told = await listen();
    told.telemetry.fact(SUBJECT, { ...base, kind: 'account-held', hold, why: 'because' });
    expect(told.lines[0]).toMatchObject({ level: wantLevel, hold });
  });

  it('that the replaced credential still works is a warning', async () => {
    using told = await listen();
    const tried = { ...base, kind: 'old-credential-tried', fingerprint: 'f' } as const;
    told.telemetry.fact(SUBJECT, { ...tried, outcome: 'accepted' });
    told.telemetry.fact(SUBJECT, { ...tried, outcome: 'refused' });
    expect(told.lines.map(({ level }) => level)).toEqual(['warn', 'debug']);
  });
});

describe('an event', () => {
  it('is a line and a count', async () => {
    using told = await listen();
    told.telemetry.event('config-refused', { problems: ['accounts.yaml:3:1: no such provider'] });
    expect(told.lines[0]).toMatchObject({
      level: 'error',
      message: 'config refused',
      event: 'config-refused',
      problems: ['accounts.yaml:3:1: no such provider'],
    });
    const text = await scrape(told);
    expect(text).toContain('rekeyd_events_total{kind="config-refused"} 1\n');
    expect(text).toContain('rekeyd_config_reloads_total{outcome="refused"} 1\n');
    expect(text).toContain('rekeyd_config_last_reload_successful 0\n');
  });

  it('that comes too often to be told is a count alone', async () => {
    using told = await listen();
    const body = { why: 'no-token', method: 'GET', path: '/v1/status', by: 'unknown', from: '192.0.2.1' };
    told.telemetry.event('api-refused', body);
    told.telemetry.count('api-refused', body);
    expect(told.lines).toHaveLength(1);
    const text = await scrape(told);
    expect(text).toContain('rekeyd_events_total{kind="api-refused"} 2\n');
    expect(text).toContain('rekeyd_api_refused_total{why="no-token"} 2\n');
  });

  it('of a store that goes down and comes up again moves its gauge', async () => {
    using told = await listen();
    told.telemetry.event('store-down', { store: 'aws', message: 'no answer' });
    expect(await scrape(told)).toContain('rekeyd_store_up{store="aws"} 0\n');
    told.telemetry.event('store-up', { store: 'aws', downMs: 5 });
    expect(await scrape(told)).toContain('rekeyd_store_up{store="aws"} 1\n');
  });

  it('of the start says which build runs', async () => {
    using told = await listen();
    const body = { version: '0.1.0', node: '24.21.0', tzdata: '2026c', installation: 'test', pid: 7 };
    told.telemetry.event('daemon-started', body);
    expect(await scrape(told)).toContain(
      'rekeyd_build_info{version="0.1.0",node="24.21.0",tzdata="2026c"} 1\n',
    );
  });
});

describe('a measure', () => {
  it('is observed in seconds, without an account', async () => {
    using told = await listen();
    const labels = { provider: 'kronup', strategy: 'in-place' };
    told.telemetry.measure('step', { ...labels, step: 'deliver', store: 'aws', outcome: 'ok', ms: 30 });
    told.telemetry.measure('dark-window', { ...labels, estimated: false, ms: 40 });
    told.telemetry.measure('lateness', { ...labels, trigger: 'schedule', ms: 2_000 });
    const text = await scrape(told);
    const series = 'step="deliver",provider="kronup",strategy="in-place",store="aws",outcome="ok"';
    expect(text).toContain(`rekeyd_step_duration_seconds_sum{${series}} 0.03\n`);
    expect(text).toContain(`rekeyd_step_duration_seconds_bucket{le="0.025",${series}} 0\n`);
    expect(text).toContain(`rekeyd_step_duration_seconds_bucket{le="0.05",${series}} 1\n`);
    expect(text).toContain(
      'rekeyd_dark_window_seconds_sum{provider="kronup",strategy="in-place",estimated="false"} 0.04\n',
    );
    expect(text).toContain(
      'rekeyd_lateness_seconds_sum{provider="kronup",strategy="in-place",trigger="schedule"} 2\n',
    );
  });
});

describe('a failure that was handled', () => {
  it('is a line for those who look closely, and a count by step and kind', async () => {
    using told = await listen();
    const where = { account: 'billing', rotation: 'r1', step: 'mint', attempt: 2 };
    told.telemetry.failure(where, { kind: 'no-answer', message: 'reset', status: 502, id: 'bad-gateway' });
    expect(told.lines[0]).toMatchObject({
      ...where,
      level: 'debug',
      message: 'call failed',
      failure: 'no-answer',
      detail: 'reset',
      status: 502,
      errorId: 'bad-gateway',
    });
    expect(await scrape(told)).toContain('rekeyd_call_failures_total{step="mint",kind="no-answer"} 1\n');
  });
});

describe('the tables', () => {
  const entries = [...Object.values(FACTS), ...Object.values(EVENTS)];

  it('have one message for each kind', () => {
    const messages = entries.map(({ message }) => message);
    expect(new Set(messages).size).toBe(messages.length);
  });

  it.each(entries.map(({ message }) => message))('have the message in lower case: %s', (message) => {
    expect(message).toMatch(/^[a-z][a-z ]+[a-z]$/);
  });

  it.each(Object.keys(METRICS))('name metrics as is customary: %s', (name) => {
    const { type, labels, help } = METRICS[name as keyof typeof METRICS];
    expect(name).toMatch(/^rekeyd_[a-z_]+$/);
    expect(name.endsWith('_total')).toBe(type === 'counter');
    expect(type === 'histogram' && !name.endsWith('_seconds')).toBe(false);
    expect(labels).not.toContain('account');
    expect(help).toMatch(/^[\x20-\x7e]+\.$/);
  });
});
