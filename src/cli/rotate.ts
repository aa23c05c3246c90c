/** `rekeyd rotate`: asks the daemon to rotate accounts, and waits for the end where that is wanted. */
import type { AskedRotation } from '../http/routes/rotations.ts';
import { EXIT } from '../ports/host.ts';
import type { Host } from '../ports/host.ts';
import { CommandError } from './explain.ts';
import { follow, settledText } from './follow.ts';
import { withHolds } from './held.ts';
import type { HeldRotation } from './held.ts';
import type { CommonOptions } from './program.ts';
import { reachDaemon } from './reach.ts';
import { askedText } from './rotate-text.ts';
import { withStillValid } from './still-valid.ts';
import { json } from './text.ts';

export interface RotateOptions extends CommonOptions {
  readonly reason?: string;
  readonly all?: boolean;
  readonly label?: readonly string[];
  readonly provider?: string;
  /** For how long, in ms. */
  readonly wait?: number;
  readonly requestId?: string;
  readonly compromised?: boolean;
  readonly now?: boolean;
  readonly dryRun?: boolean;
}

/** Without `--wait` a command still waits this long for the daemon to take or refuse what was asked, in ms. */
const ANSWER_MS = 3_000;

export async function rotate(host: Host, options: RotateOptions, names: readonly string[]): Promise<number> {
  const body = bodyOf(options, names);
  const key = options.requestId ?? host.random.id(host.clock.now());
  await using reached = await reachDaemon(host, options);
  const asked = await reached.ask<{ readonly rotations: readonly AskedRotation[] }>({
    method: 'POST',
    path: '/v1/rotations',
    headers: { 'idempotency-key': key },
    body,
  });
  const until = options.wait === undefined ? 'answered' : 'ended';
  const followed =
    options.dryRun === true
      ? asked.rotations
      : await follow(host, reached, asked.rotations, {
          until,
          waitMs: options.wait ?? ANSWER_MS,
          again: `the request stays, and goes on without this command. Ask for it again with --request-id ${key}`,
        });
  const waited = options.wait !== undefined && options.dryRun !== true;
  const held = waited ? await withHolds(reached, followed) : followed;
  const rotations = waited ? await withStillValid(reached, held, host.clock.now()) : held;
  host.output.write(
    options.output === 'json'
      ? json({ requestId: key, rotations })
      : askedText(rotations, { now: host.clock.now(), waited }),
  );
  if (waited) host.errors.write(settledText(rotations, options.wait ?? 0, key));
  return exitOf(rotations, waited);
}

function bodyOf(options: RotateOptions, names: readonly string[]): object {
  const { compromised = false, now = false, dryRun = false } = options;
  if (now && !compromised) {
    throw new CommandError(
      '--now goes with --compromised only: the old credential is ended before consumers have the new one',
    );
  }
  return { ...selectionOf(options, names), reason: reasonOf(options), compromised, now, dryRun };
}

/** The worst of all: what failed, then what is held, then what has not ended yet. */
function exitOf(rotations: readonly HeldRotation[], waited: boolean): number {
  if (rotations.some(({ rotation }) => rotation?.outcome === 'abandoned')) return EXIT.failed;
  if (rotations.some(isHeld)) return EXIT.held;
  if (waited && rotations.some(({ rotation }) => rotation?.outcome === undefined)) return EXIT.timeout;
  return EXIT.ok;
}

function isHeld({ state, held }: HeldRotation): boolean {
  return state === 'refused' || state === 'would-wait' || held !== undefined;
}

function selectionOf({ all, label, provider }: RotateOptions, names: readonly string[]): object {
  const chosen = [names.length > 0, all === true, label !== undefined || provider !== undefined];
  if (chosen.filter(Boolean).length !== 1) {
    throw new CommandError(
      'say which accounts, in one way: by name (rekeyd rotate ACCOUNT…), with --all, or with --label and --provider',
    );
  }
  if (names.length > 0) return { accounts: names };
  if (all === true) return { all: true };
  return {
    ...(label === undefined ? {} : { labels: labelsOf(label) }),
    ...(provider === undefined ? {} : { provider }),
  };
}

function labelsOf(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair): [string, string] => {
      const at = pair.indexOf('=');
      if (at < 1) throw new CommandError(`--label ${pair}: a label is KEY=VALUE, such as team=payments`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

/** Every act is kept in the history with who asked for it and why. */
export function reasonOf({ reason }: { readonly reason?: string }): string {
  if (reason !== undefined && reason.trim() !== '') return reason;
  throw new CommandError('say why with --reason "…": it is kept in the history with your name');
}
