/** Where a target's file really is: below the store's directory, whatever links are on the way. Writes nothing. */
import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { failed, succeeded } from '../../domain/failure.ts';
import type { Result } from '../../domain/failure.ts';
import { addressProblem } from './entry.ts';
import { errorCode, failureOf } from './failures.ts';

export interface Paths {
  /** The file itself; its folder is without symbolic links. */
  readonly path: string;
  readonly folder: string;
  /** The lowest folder of them that exists already: equal to `folder` unless some are missing. */
  readonly existing: string;
  /** The one name under which a new value is written before it takes the file's place. */
  readonly temporary: string;
  /** The one name of the dummy that a preflight writes. */
  readonly probe: string;
}

/** The paths for an address in a store's directory, which must exist. */
export async function resolvePaths(directory: string, address: string): Promise<Result<Paths>> {
  const wanted = resolve(directory, address);
  const problem = addressProblem(address);
  if (problem !== undefined) return failed('target-refused', `cannot use the address ${address}: ${problem}`);
  try {
    const root = await rootOf(directory);
    if (!root.ok) return root;
    const parents = await followed(root.value, dirname(address).split('/').filter(isNamed));
    if (!parents.ok) return parents;
    const { existing, missing } = parents.value;
    if (!isBelow(existing, root.value)) return failed('target-refused', leaves(wanted, existing, root.value));
    const folder = join(existing, ...missing);
    const name = basename(address);
    return succeeded({
      path: join(folder, name),
      folder,
      existing,
      temporary: join(folder, `.${name}.rekeyd`),
      probe: join(folder, `.${name}.rekeyd-probe`),
    });
  } catch (error) {
    return failureOf(error, 'find', wanted);
  }
}

async function rootOf(directory: string): Promise<Result<string>> {
  try {
    return succeeded(await realpath(directory));
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    const why = 'it does not exist; create it, or mount the volume that it should be on';
    return failed('store-unavailable', `cannot use the directory ${resolve(directory)}: ${why}`, {
      id: 'ENOENT',
    });
  }
}

/** Follows folder names from `root` as far as they exist. A link that leads nowhere is refused. */
async function followed(
  root: string,
  names: readonly string[],
): Promise<Result<{ readonly existing: string; readonly missing: readonly string[] }>> {
  let existing = root;
  for (const [index, name] of names.entries()) {
    const next = join(existing, name);
    try {
      existing = await realpath(next);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
      if (await isThere(next)) {
        return failed(
          'target-refused',
          `cannot use ${next}: it is a symbolic link that leads nowhere; remove it`,
        );
      }
      return succeeded({ existing, missing: names.slice(index) });
    }
  }
  return succeeded({ existing, missing: [] });
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch {
    return false;
  }
}

function isBelow(path: string, root: string): boolean {
  return path === root || path.startsWith(root === sep ? sep : root + sep);
}

function leaves(path: string, real: string, root: string): string {
  return `cannot use ${path}: by a symbolic link it leads to ${real}, which is outside ${root}; use a store whose directory that is`;
}

function isNamed(part: string): boolean {
  return part !== '' && part !== '.';
}
