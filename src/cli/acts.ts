/** `rekeyd accept`, `standby`, `pause`, `resume`, `unpark` and `reconcile`: ask the daemon to do something with accounts. */
import type { RequestView } from '../http/requests.ts';
import { EXIT } from '../ports/host.ts';
import type { Host } from '../ports/host.ts';
import { CommandError } from './explain.ts';
import type { CommonOptions } from './program.ts';
import { reachDaemon } from './reach.ts';
import type { Reached } from './reach.ts';
import { reasonOf } from './rotate.ts';
import { columns, json } from './text.ts';

export interface ActOptions extends CommonOptions {
  readonly reason?: string;
  readonly requestId?: string;
}

export type Act = 'pause' | 'resume' | 'unpark' | 'reconcile' | 'accept' | 'standby';

/** What was done, in the past tense, and what follows from it. */
const DONE: Readonly<Record<Act, string>> = {
  pause: 'paused: it is rotated only when somebody asks, and its targets are not put right',
  resume: 'resumed',
  unpark: 'unparked: it is rotated again when it is due',
  reconcile: 'being looked at; what differs is put right',
  accept: 'accepted: the target is brought to the live credential',
  standby: 'named: a new credential is minted for it and delivered; the other account is left as it is',
};

interface Outcome {
  readonly account: string;
  readonly request?: string;
  readonly state: RequestView['state'] | 'failed';
  readonly why?: string;
  readonly exitCode: number;
}

export async function accept(
  host: Host,
  options: ActOptions,
  account: string,
  target: string,
): Promise<number> {
  return act(host, options, { does: 'accept', accounts: [account], target });
}

export async function standby(
  host: Host,
  options: ActOptions,
  account: string,
  accountId: string,
): Promise<number> {
  return act(host, options, { does: 'standby', accounts: [account], target: accountId });
}

/** All accounts are tried, whatever becomes of one; the worst decides the exit code. */
export async function act(
  host: Host,
  options: ActOptions,
  asked: { readonly does: Act; readonly accounts: readonly string[]; readonly target?: string },
): Promise<number> {
  const reason = reasonOf(options);
  const key = options.requestId ?? host.random.id(host.clock.now());
  await using reached = await reachDaemon(host, options);
  const accounts = [...new Set(asked.accounts)];
  const body = { reason, ...(asked.target === undefined ? {} : { target: asked.target }) };
  const outcomes = await Promise.all(
    accounts.map((account) => actOn(reached, { does: asked.does, account, key, body })),
  );
  host.output.write(
    options.output === 'json'
      ? json({ requestId: key, accounts: outcomes.map(({ exitCode: _code, ...outcome }) => outcome) })
      : outcomesText(asked.does, outcomes),
  );
  return Math.max(...outcomes.map(({ exitCode }) => exitCode));
}

async function actOn(
  reached: Reached,
  asked: { readonly does: Act; readonly account: string; readonly key: string; readonly body: object },
): Promise<Outcome> {
  const { does, account, key, body } = asked;
  try {
    const { request, state } = await reached.ask<RequestView>({
      method: 'POST',
      path: `/v1/accounts/${encodeURIComponent(account)}/${does}`,
      headers: { 'idempotency-key': key },
      body,
    });
    return { account, request, state, exitCode: state === 'taken' ? EXIT.ok : EXIT.timeout };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { account, state: 'failed', why: error.message, exitCode: error.exitCode };
  }
}

function outcomesText(does: Act, outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ account, state, why }) => [account, wordsOf(does, state, why)]);
  return columns(['ACCOUNT', 'RESULT'], rows);
}

function wordsOf(does: Act, state: Outcome['state'], why: string | undefined): string {
  if (state === 'taken') return DONE[does];
  if (state === 'waiting') return 'asked for; the account is being worked on, and it is done after that';
  return `not done: ${why ?? 'refused'}`;
}
