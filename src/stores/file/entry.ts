/** What the configuration may say of a file store. The code that touches files is loaded when a store is opened. */
import { resolve } from 'node:path';
import { z } from 'zod';
import { duration } from '../../ports/settings.ts';
import type { StoreEntry } from '../entry.ts';
import { realPath } from './real-path.ts';

/** A file system takes names of 255 bytes; the rest is for what our temporary names add. */
const NAME_BYTES_MAX = 240;
const PATH_BYTES_MAX = 3_000;
const OURS = /^\..*\.rekeyd(-probe|-folder)?$/;

const mode = z
  .string()
  .regex(/^0?[0-7]{3}$/, "a mode of three octal digits in quotes, such as '0640'")
  .meta({ description: "Permissions of the file, as octal digits in quotes, such as '0640'." });

const user = z
  .union([z.int().min(0).max(4_294_967_294), z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]*\$?$/)])
  .meta({
    description:
      'A numeric id, or a name from the system’s own list. Absent: as the file is now, else the daemon’s own.',
  });

const perFile = { mode: mode.optional(), owner: user.optional(), group: user.optional() };

/** The connection. */
const schema = z
  .strictObject({
    ...perFile,
    directory: z
      .string()
      .min(1)
      .meta({ description: 'The folder that all of this store’s files are in. It must exist.' }),
    mode: mode.default('0600'),
    timeout: duration.default(10_000).meta({
      description: 'The longest that one read or write may take (a network file system can hang).',
    }),
  })
  .meta({ description: 'Files in a folder, each replaced as a whole.' });

const targetSchema = z
  .strictObject(perFile)
  .meta({ description: 'What is different for this file from what the store says.' });

export type FileConfig = z.output<typeof schema>;
export type FileOptions = z.output<typeof targetSchema>;

export const file: StoreEntry<FileConfig> = {
  kind: 'file',
  schema,
  targetSchema: targetSchema as unknown as StoreEntry['targetSchema'],
  locate: (config, address) => `file:${realPath(resolve(config.directory, address))}`,
  leadsTo: ({ directory }) => `file:${resolve(directory)}`,
  addressProblem: (_config, address) => addressProblem(address),
  load: async () => await import('./store.ts'),
};

/** What is wrong with an address, in words; `undefined` where nothing is. */
export function addressProblem(address: string): string | undefined {
  if (address === '') return 'it is empty: a path below the store’s directory is needed, such as app/token';
  if (address.includes('\0')) return 'it has a NUL character in it';
  if (address.startsWith('/')) return 'it is absolute: a path below the store’s directory is needed';
  if (address.endsWith('/')) return 'it ends with a slash: the path of a file is needed, not of a folder';
  const parts = address.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..')) {
    return 'it has an empty part, “.” or “..” in it: a plain path below the store’s directory is needed';
  }
  if (parts.some((part) => Buffer.byteLength(part) > NAME_BYTES_MAX)) {
    return `a part of it is longer than ${NAME_BYTES_MAX} bytes`;
  }
  if (Buffer.byteLength(address) > PATH_BYTES_MAX) return `it is longer than ${PATH_BYTES_MAX} bytes`;
  if (OURS.test(parts.at(-1) ?? '')) return 'names like .NAME.rekeyd are those of temporary files';
  return undefined;
}
