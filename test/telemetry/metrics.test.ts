import { describe, expect, it } from 'vitest';
import type { Hold } from '../../src/domain/hold.ts';
import type { AccountGauges } from '../../src/ports/telemetry.ts';
import { createMetrics, type Metrics, type Scrape } from '../../src/telemetry/metrics.ts';

const NOW = Date.parse('2026-01-05T10:00:00Z');
const KRONUP = { name: 'kronup', strategies: ['in-place'] };

const calm: AccountGauges = {
  account: 'billing',
  provider: 'kronup',
  issuedAt: NOW - 90_000,
  nextAt: NOW + 60_000,
  expiresAt: NOW + 3_600_500,
  failures: 2,
  holds: [],
  converged: true,
  overdue: false,
};

async function scrape(
  metrics: Metrics,
  more: Partial<Scrape> & { readonly accounts?: AccountGauges[] } = {},
) {
  const { accounts = [], ...rest } = more;
  const pages = (async function* () {
    for (let start = 0; start < accounts.length; start += 1_000) yield accounts.slice(start, start + 1_000);
  })();
  const pieces: string[] = [];
  for await (const piece of metrics.render({ now: NOW, accountsMax: 1_000, pages, ...rest }))
    pieces.push(piece);
  return { text: pieces.join(''), pieces };
}

function seriesIn(text: string, start = ''): string[] {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#') && line.startsWith(start));
}

function fleet(
  count: number,
  trouble: Readonly<Record<number, Partial<AccountGauges>>> = {},
): AccountGauges[] {
  return Array.from({ length: count }, (_, index) => ({
    ...calm,
    account: `account-${String(index).padStart(6, '0')}`,
    ...trouble[index],
  }));
}

describe('metrics', () => {
  it('of providers and stores follow the holds that are in force, whoever set them', async () => {
    using metrics = createMetrics({ process: false });
    metrics.declare({ providers: [KRONUP, { ...KRONUP, name: 'other' }], stores: ['files', 'aws'] });
    const hold = (kind: Hold['kind'], subject: string): Hold => {
      return { kind, subject, since: NOW, by: 'rekeyd', reason: 'a test' };
    };
    const holds = [hold('frozen', 'kronup'), hold('store-down', 'aws'), hold('manager-refused', 'other')];
    const held = (await scrape(metrics, { holds })).text;
    expect(seriesIn(held, 'rekeyd_provider_frozen')).toEqual([
      'rekeyd_provider_frozen{provider="kronup"} 1',
      'rekeyd_provider_frozen{provider="other"} 0',
    ]);
    expect(held).toContain('rekeyd_store_up{store="files"} 1\n');
    expect(held).toContain('rekeyd_store_up{store="aws"} 0\n');
    expect(held).toContain('rekeyd_manager_credential_accepted{provider="kronup"} 1\n');
    expect(held).toContain('rekeyd_manager_credential_accepted{provider="other"} 0\n');
    const free = (await scrape(metrics, { holds: [] })).text;
    expect(free).toContain('rekeyd_provider_frozen{provider="kronup"} 0\n');
    expect(free).toContain('rekeyd_store_up{store="aws"} 1\n');
  });

  it('of every configured provider, strategy and store are there from the start', async () => {
    using metrics = createMetrics({ process: false });
    metrics.declare({ providers: [KRONUP], stores: ['files', 'aws'] });
    const { text } = await scrape(metrics);
    for (const want of [
      'rekeyd_rotations_total{provider="kronup",strategy="in-place",outcome="succeeded"} 0',
      'rekeyd_mints_total{provider="kronup",strategy="in-place",outcome="unknown"} 0',
      'rekeyd_deliveries_total{store="aws",outcome="failed"} 0',
      'rekeyd_step_duration_seconds_count{step="mint",provider="kronup",strategy="in-place",store="",outcome="ok"} 0',
      'rekeyd_dark_window_seconds_count{provider="kronup",strategy="in-place",estimated="false"} 0',
      'rekeyd_lateness_seconds_count{provider="kronup",strategy="in-place",trigger="schedule"} 0',
      'rekeyd_facts_total{kind="account-parked",provider="kronup",strategy="in-place"} 0',
      'rekeyd_events_total{kind="journal-lost"} 0',
      'rekeyd_config_reloads_total{outcome="refused"} 0',
      'rekeyd_journal_lost_total 0',
      'rekeyd_store_up{store="files"} 1',
      'rekeyd_provider_frozen{provider="kronup"} 0',
      'rekeyd_manager_credential_accepted{provider="kronup"} 1',
    ]) {
      expect(seriesIn(text)).toContain(want);
    }
  });

  it('go on counting when the configuration is applied again', async () => {
    using metrics = createMetrics({ process: false });
    const labels = { provider: 'kronup', strategy: 'in-place', outcome: 'minted', trigger: 'schedule' };
    metrics.observe('rekeyd_lateness_seconds', labels, 3);
    metrics.add('rekeyd_mints_total', labels);
    metrics.set('rekeyd_store_up', { store: 'files' }, 0);
    metrics.declare({ providers: [KRONUP], stores: ['files'] });
    metrics.declare({ providers: [KRONUP], stores: ['files', 'aws'] });
    const { text } = await scrape(metrics);
    expect(text).toContain(
      'rekeyd_lateness_seconds_sum{provider="kronup",strategy="in-place",trigger="schedule"} 3\n',
    );
    expect(text).toContain('rekeyd_mints_total{provider="kronup",strategy="in-place",outcome="minted"} 1\n');
    expect(text).toContain('rekeyd_store_up{store="files"} 0\n');
    expect(text).toContain('rekeyd_store_up{store="aws"} 1\n');
  });

  it('forget the state of a store that left the configuration', async () => {
    using metrics = createMetrics({ process: false });
    metrics.declare({ providers: [KRONUP], stores: ['files'] });
    metrics.set('rekeyd_store_up', { store: 'files' }, 0);
    metrics.declare({ providers: [KRONUP], stores: ['aws'] });
    expect(seriesIn((await scrape(metrics)).text, 'rekeyd_store_up')).toEqual([
      'rekeyd_store_up{store="aws"} 1',
    ]);
    metrics.declare({ providers: [KRONUP], stores: ['aws', 'files'] });
    expect((await scrape(metrics)).text).toContain('rekeyd_store_up{store="files"} 1\n');
  });

  it('show the calls left today of providers that count them', async () => {
    using metrics = createMetrics({ process: false });
    let left: number | undefined = 9_990;
    metrics.declare({ providers: [KRONUP], stores: [], callsLeft: () => [['kronup', left]] });
    expect((await scrape(metrics)).text).toContain('rekeyd_provider_calls_left{provider="kronup"} 9990\n');
    left = undefined;
    expect(seriesIn((await scrape(metrics)).text, 'rekeyd_provider_calls_left')).toEqual([]);
  });

  it('show by how much the clocks of services differ, as long as they tell', async () => {
    using metrics = createMetrics({ process: false });
    let skews: (readonly [string, number])[] = [['provider kronup', -1_500]];
    metrics.declare({ providers: [KRONUP], stores: [], clockSkews: () => skews });
    expect((await scrape(metrics)).text).toContain(
      'rekeyd_clock_skew_seconds{service="provider kronup"} -1.5\n',
    );
    skews = [];
    expect(seriesIn((await scrape(metrics)).text, 'rekeyd_clock_skew_seconds')).toEqual([]);
  });

  it('show the fleet in sums', async () => {
    using metrics = createMetrics({ process: false });
    const summary = { accounts: 5, overdue: 2, held: { closed: 1 }, notConverged: 3, consumersBehind: 1 };
    const { text } = await scrape(metrics, { summary });
    expect(seriesIn(text, 'rekeyd_accounts_held')).toContain('rekeyd_accounts_held{hold="closed"} 1');
    expect(seriesIn(text, 'rekeyd_accounts_held')).toContain('rekeyd_accounts_held{hold="foreign"} 0');
    expect(seriesIn(text)).toEqual(
      expect.arrayContaining([
        'rekeyd_accounts 5',
        'rekeyd_accounts_overdue 2',
        'rekeyd_accounts_not_converged 3',
      ]),
    );
  });

  it('show how late the event loop runs', async () => {
    using metrics = createMetrics({ process: false });
    expect(seriesIn((await scrape(metrics)).text, 'rekeyd_event_loop_lag_seconds')).toHaveLength(3);
  });

  it('of the process are there where they are asked for', async () => {
    using metrics = createMetrics({ process: true });
    const { text } = await scrape(metrics);
    expect(text).toMatch(/\nprocess_resident_memory_bytes \d{6,}\n/);
    expect(text).toMatch(/\nnodejs_heap_size_used_bytes \d{6,}\n/);
  });

  it('keep the lines of one metric together, each with one type', async () => {
    using metrics = createMetrics({ process: true });
    metrics.declare({ providers: [KRONUP], stores: ['files'] });
    const { text } = await scrape(metrics, { accounts: fleet(3) });
    const order = text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) =>
        (/^# \w+ (\w+)/.exec(line)?.[1] ?? line).replace(/(?:_bucket|_sum|_count)?(?:[{ ].*)?$/, ''),
      );
    const groups = order.filter((name, index) => name !== order[index - 1]);
    expect(groups.toSorted()).toEqual([...new Set(groups)].toSorted());
    const types = text.match(/^# TYPE \w+/gm) ?? [];
    expect(new Set(types).size).toBe(types.length);
  });
});

describe('gauges of single accounts', () => {
  it('are at most six', async () => {
    using metrics = createMetrics({ process: false });
    const { text } = await scrape(metrics, { accounts: [{ ...calm, holds: ['parked'] }] });
    expect(seriesIn(text, 'rekeyd_account_')).toEqual([
      'rekeyd_account_credential_age_seconds{account="billing",provider="kronup"} 90',
      'rekeyd_account_until_next_rotation_seconds{account="billing",provider="kronup"} 60',
      'rekeyd_account_until_expiry_seconds{account="billing",provider="kronup"} 3600.5',
      'rekeyd_account_consecutive_failures{account="billing",provider="kronup"} 2',
      'rekeyd_account_held{account="billing",provider="kronup"} 1',
      'rekeyd_account_converged{account="billing",provider="kronup"} 1',
    ]);
  });

  it('are left out where they do not apply', async () => {
    using metrics = createMetrics({ process: false });
    const { account, provider, failures, holds, converged, overdue } = calm;
    const bare = { account, provider, failures, holds, converged, overdue };
    const { text } = await scrape(metrics, { accounts: [bare] });
    expect(seriesIn(text, 'rekeyd_account_')).toHaveLength(3);
  });

  it('escape the names of accounts', async () => {
    using metrics = createMetrics({ process: false });
    const { text } = await scrape(metrics, { accounts: [{ ...calm, account: 'a"b\\c\nd' }] });
    expect(text).toContain('rekeyd_account_converged{account="a\\"b\\\\c\\nd",provider="kronup"} 1\n');
  });

  it('are there for every account up to the limit', async () => {
    using metrics = createMetrics({ process: false });
    const { text } = await scrape(metrics, { accounts: fleet(1_000) });
    expect(seriesIn(text, 'rekeyd_account_')).toHaveLength(6_000);
    expect(text).toContain('rekeyd_accounts_without_series 0\n');
  });

  it('of 10 000 accounts are there only for those held, overdue or not converged', async () => {
    using metrics = createMetrics({ process: false });
    const { text: without } = await scrape(metrics);
    const accounts = fleet(10_000, {
      5: { holds: ['closed'] },
      7_000: { overdue: true },
      9_999: { converged: false },
    });
    const { text } = await scrape(metrics, { accounts });
    const series = seriesIn(text, 'rekeyd_account_');
    const named = new Set(series.map((line) => /account="([^"]*)"/.exec(line)?.[1]));
    expect([...named]).toEqual(['account-000005', 'account-007000', 'account-009999']);
    expect(series).toHaveLength(18);
    expect(seriesIn(text).length - seriesIn(without).length).toBe(18);
    expect(text).toContain('rekeyd_accounts_without_series 9997\n');
  });

  it('stay within the limit when all of 10 000 accounts are in trouble', async () => {
    using metrics = createMetrics({ process: false });
    const accounts = fleet(10_000).map((account) => ({ ...account, overdue: true }));
    const { text } = await scrape(metrics, { accounts });
    expect(seriesIn(text, 'rekeyd_account_')).toHaveLength(6_000);
    expect(text).toContain('rekeyd_accounts_without_series 9000\n');
  });

  it('may come from pages that bring only the accounts in trouble', async () => {
    using metrics = createMetrics({ process: false });
    const summary = { accounts: 100_000, overdue: 1, held: {}, notConverged: 0, consumersBehind: 0 };
    const { text } = await scrape(metrics, { accounts: [{ ...calm, overdue: true }], summary });
    expect(seriesIn(text, 'rekeyd_account_')).toHaveLength(6);
    expect(text).toContain('rekeyd_accounts_without_series 99999\n');
  });

  it('are written in pieces between which the event loop turns', async () => {
    using metrics = createMetrics({ process: false });
    let turns = 0;
    let done = false;
    const count = (): void => {
      turns += 1;
      if (!done) setImmediate(count);
    };
    setImmediate(count);
    const { pieces } = await scrape(metrics, { accounts: fleet(1_000) });
    done = true;
    expect(Math.max(...pieces.slice(2).map((piece) => seriesIn(piece).length))).toBeLessThanOrEqual(250);
    expect(turns).toBeGreaterThanOrEqual(24);
  });
});
