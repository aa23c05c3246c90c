/** `rekeyd freeze` and `unfreeze`: stop what nobody asks for at whole providers, or let it go on. */
import type { ProviderView } from '../http/routes/providers.ts';
import { EXIT } from '../ports/host.ts';
import type { Host } from '../ports/host.ts';
import { CommandError } from './explain.ts';
import type { CommonOptions } from './program.ts';
import { reachDaemon } from './reach.ts';
import type { Reached } from './reach.ts';
import { reasonOf } from './rotate.ts';
import { columns, json, moment } from './text.ts';

export interface FreezeOptions extends CommonOptions {
  readonly reason?: string;
}

type Does = 'freeze' | 'unfreeze';

/** What was done, in the past tense, and what follows from it. */
const DONE: Readonly<Record<Does, string>> = {
  freeze:
    'frozen: nothing is minted there that nobody asks for, until it is unfrozen; what was minted is delivered',
  unfreeze:
    'unfrozen: its accounts go on; slots that came meanwhile are run once, spread out, or skipped, as missed says',
};

type Outcome =
  | (ProviderView & { readonly exitCode: number })
  | {
      readonly provider: string;
      readonly state: 'failed';
      readonly why: string;
      readonly exitCode: number;
    };

/** All providers are tried, whatever becomes of one; the worst decides the exit code. */
export async function freeze(
  host: Host,
  options: FreezeOptions,
  asked: { readonly does: Does; readonly providers: readonly string[] },
): Promise<number> {
  const reason = reasonOf(options);
  await using reached = await reachDaemon(host, options);
  const names = [...new Set(asked.providers)];
  const outcomes = await Promise.all(
    names.map((provider) => freezeOne(reached, { does: asked.does, provider, reason })),
  );
  host.output.write(
    options.output === 'json'
      ? json({ providers: outcomes.map(({ exitCode: _code, ...outcome }) => outcome) })
      : outcomesText(asked.does, outcomes, host.clock.now()),
  );
  return Math.max(...outcomes.map(({ exitCode }) => exitCode));
}

async function freezeOne(
  reached: Reached,
  asked: { readonly does: Does; readonly provider: string; readonly reason: string },
): Promise<Outcome> {
  const { does, provider, reason } = asked;
  try {
    const path = `/v1/providers/${encodeURIComponent(provider)}/${does}`;
    const view = await reached.ask<ProviderView>({ method: 'POST', path, body: { reason } });
    return { ...view, exitCode: EXIT.ok };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { provider, state: 'failed', why: error.message, exitCode: error.exitCode };
  }
}

function outcomesText(does: Does, outcomes: readonly Outcome[], now: number): string {
  const rows = outcomes.map((outcome) => [outcome.provider, wordsOf(does, outcome, now)]);
  return columns(['PROVIDER', 'RESULT'], rows);
}

function wordsOf(does: Does, outcome: Outcome, now: number): string {
  if (outcome.state === 'failed') return `not done: ${outcome.why}`;
  if (outcome.changed) return DONE[does];
  const { hold } = outcome;
  if (hold === undefined) return 'was not frozen';
  return `frozen already, since ${moment(hold.since, now)}, by ${hold.by}: ${hold.reason}`;
}
