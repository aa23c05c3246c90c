/** `rekeyd run`: the daemon. */
import type { Host } from '../ports/host.ts';
import { configPath } from './places.ts';
import type { CommonOptions } from './program.ts';
import { serve } from './serve.ts';

export async function run(host: Host, options: CommonOptions): Promise<number> {
  return serve({ host, configPath: configPath(host, options) });
}
