/** Loads a configuration for a command that can do nothing with a bad one. */
import { loadWithFound } from '../app/found.ts';
import type { Elsewhere } from '../app/known.ts';
import type { LoadedConfig } from '../config/load.ts';
import { formatProblem } from '../config/problem.ts';
import type { Host } from '../ports/host.ts';
import { CommandError } from './explain.ts';

/** `undone` says what was not done where it is bad. Rejects with `CommandError` then. */
export async function goodConfig(
  host: Host,
  { socket, elsewhere }: { readonly socket?: string; readonly elsewhere?: Elsewhere | undefined },
  { path, signal, undone }: { readonly path: string; readonly signal: AbortSignal; readonly undone: string },
): Promise<{ readonly config: LoadedConfig; readonly notes: readonly string[] }> {
  const socketPath = socket === undefined ? {} : { socketPath: socket };
  const place = { ...socketPath, ...(elsewhere && { elsewhere }) };
  const { loaded, notes } = await loadWithFound({ host, path, ask: true, signal, ...place });
  if (loaded.ok) return { config: loaded.config, notes };
  const { problems } = loaded;
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  throw new CommandError(
    `the configuration ${path} has ${count}; ${undone}\n${problems.map(formatProblem).join('\n')}`,
  );
}
