/** Makes the journal's accounts those of a loaded configuration. */
import type { Clock } from '../ports/clock.ts';
import type { Applied, Journal } from '../ports/journal.ts';
import type { LoadedConfig } from './load.ts';

/**
 * Applies and disposes of the configuration, whatever comes of it. Unchanged files are left as they are. Rejects as
 * `Journal.apply` does; files that were applied until then stay applied.
 */
export async function applyConfig(options: {
  readonly config: LoadedConfig;
  readonly journal: Pick<Journal, 'apply'>;
  readonly clock: Clock;
}): Promise<Applied> {
  await using config = options.config;
  return await options.journal.apply(config.files, options.clock.now());
}
