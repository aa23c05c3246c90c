/** Where a configuration says that its daemon's socket and journal are, even where it is wrong in other places. */
import { dirname, join } from 'node:path';
import { isMapping } from './connections.ts';
import { readConfigFile } from './read-file.ts';
import { mainSchema } from './schema.ts';
import { SOCKET_NAME } from './settings.ts';
import { parseYaml } from './yaml.ts';

export interface ConfiguredPlaces {
  readonly socketPath: string;
  readonly journalPath: string;
}

/** Reads the main file alone. `why`: what keeps it from being read at all. */
export function configuredPlaces(
  path: string,
): { readonly ok: true; readonly places: ConfiguredPlaces } | { readonly ok: false; readonly why: string } {
  const read = readConfigFile(path);
  if (!read.ok) return { ok: false, why: read.message };
  const parsed = parseYaml(read.bytes.toString('utf8'));
  if (!parsed.ok) {
    const [problem] = parsed.problems;
    return { ok: false, why: `${path}:${problem?.line ?? 1}: ${problem?.message ?? 'it is no YAML'}` };
  }
  const { value } = parsed.document;
  const { journal, socket } = isMapping(value) ? value : {};
  const journalPath = mainSchema.shape.journal.safeParse(journal).data?.path;
  const socketPath = mainSchema.shape.socket.safeParse(socket).data?.path;
  if (journalPath === undefined) return { ok: false, why: `${path}: journal: it is no mapping with a path` };
  return {
    ok: true,
    places: { journalPath, socketPath: socketPath ?? join(dirname(journalPath), SOCKET_NAME) },
  };
}
