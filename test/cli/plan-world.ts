/** Runs `rekeyd plan` on a fixed day, and says what it shows. */
import { plan } from '../../src/cli/plan.ts';
import type { PlanCommandOptions } from '../../src/cli/plan.ts';
import { FakeClock } from '../world/fake-clock.ts';
import { fakeHost } from '../world/fake-host.ts';
import type { CheckWorld } from './check-world.ts';

export const NOW = '2026-03-27T12:00:00Z';

export async function runPlan(
  { config }: CheckWorld,
  options: Partial<PlanCommandOptions> = {},
): Promise<{ code: number; text: string }> {
  const host = fakeHost({ clock: new FakeClock(NOW) });
  const code = await plan(host, { config, output: 'table', for: '7d', ...options });
  return { code, text: host.written() };
}

interface PlanJson {
  readonly planned: readonly {
    readonly account: string;
    readonly slots: readonly Readonly<Record<string, unknown>>[];
    readonly more: boolean;
    readonly maxAgeAt?: string;
  }[];
  readonly collisions: readonly Readonly<Record<string, unknown>>[];
  readonly comparison: {
    readonly added: readonly string[];
    readonly changed: readonly { readonly account: string; readonly fields: readonly string[] }[];
    readonly removed: readonly string[];
    readonly dueAtOnce: readonly Readonly<Record<string, unknown>>[];
  };
}

export async function planJson(at: CheckWorld, options: Partial<PlanCommandOptions> = {}): Promise<PlanJson> {
  const { text } = await runPlan(at, { ...options, output: 'json' });
  return JSON.parse(text) as PlanJson;
}

export const name = (at: CheckWorld, index: number): string => at.kronup.accounts[index]?.name ?? '';
