/** `rekeyd reload`: makes the daemon read its configuration again. */
import { EXIT } from '../ports/host.ts';
import type { Host } from '../ports/host.ts';
import type { CommonOptions } from './program.ts';
import { reachDaemon } from './reach.ts';
import { json } from './text.ts';

/** Checking and applying the largest fleets takes a while, in ms. */
const RELOAD_MS = 300_000;

export async function reload(host: Host, options: CommonOptions): Promise<number> {
  await using reached = await reachDaemon(host, options);
  const answer = await reached.ask({ method: 'POST', path: '/v1/reload', timeoutMs: RELOAD_MS });
  host.output.write(options.output === 'json' ? json(answer) : 'The configuration is in force.\n');
  return EXIT.ok;
}
