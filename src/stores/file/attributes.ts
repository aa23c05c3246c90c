/** The mode, owner and group that a target's file shall have. */
import { readFile, stat } from 'node:fs/promises';
import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { failed, succeeded } from '../../domain/failure.ts';
import type { Result } from '../../domain/failure.ts';
import type { FileConfig, FileOptions } from './entry.ts';
import { errorCode } from './failures.ts';
import type { Paths } from './paths.ts';
import { ownPowers } from './powers.ts';

/** By group or others. */
const WRITABLE_BY_MORE = 0o022n;

/** All that a mode can let a group do. */
const FOR_GROUP = 0o070;

export interface Attributes {
  readonly mode: number;
  /** `undefined`: as it is created. */
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

/**
 * What is configured. Where no owner or group is, those of the file that is there now are kept: its consumer goes on
 * reading it. That is refused where others could have put that file there to be given the credential.
 */
export async function attributesFor(
  config: FileConfig,
  options: FileOptions,
  paths: Pick<Paths, 'path' | 'folder'>,
  current: BigIntStats | undefined,
): Promise<Result<Attributes>> {
  const owner = await idOf('/etc/passwd', options.owner ?? config.owner);
  if (!owner.ok) return owner;
  const group = await idOf('/etc/group', options.group ?? config.group);
  if (!group.ok) return group;
  const mode = Number.parseInt(options.mode ?? config.mode, 8);
  const isKept = owner.value === undefined || (group.value === undefined && (mode & FOR_GROUP) !== 0);
  if (current !== undefined && isKept && owner.value !== Number(current.uid)) {
    const problem = await ownerProblem(paths, current);
    if (problem !== undefined) return failed('target-refused', problem);
  }
  return succeeded({
    mode,
    uid: owner.value ?? (current && Number(current.uid)),
    gid: group.value ?? (current && Number(current.gid)),
  });
}

/** Why neither the file's owner nor its group is to be trusted with the next credential; `undefined` where there is no reason. */
async function ownerProblem(
  paths: Pick<Paths, 'path' | 'folder'>,
  current: BigIntStats,
): Promise<string | undefined> {
  const folder = await stat(paths.folder, { bigint: true });
  if (current.uid === folder.uid || (folder.mode & WRITABLE_BY_MORE) === 0n) return undefined;
  if (current.uid === BigInt((await ownPowers()).uid)) return undefined;
  return (
    `cannot write ${paths.path}: it belongs to user ${current.uid}, who may have put it there, as its folder is writable` +
    ' by more than its owner; set owner and group to those who shall read the credential'
  );
}

/**
 * Gives a file that was just made its attributes, before anything is in it. It is for its group to read only once that is the right one:
 * who has opened it before would read what is written later. Its owner comes last, because who has given it away may not be let change it.
 */
export async function applyAttributes(
  handle: Pick<FileHandle, 'stat' | 'chmod' | 'chown'>,
  path: string,
  attributes: Attributes,
): Promise<Result<void>> {
  const made = await handle.stat();
  const uid = attributes.uid ?? made.uid;
  const gid = attributes.gid ?? made.gid;
  try {
    if (gid !== made.gid) await handle.chown(made.uid, gid);
    await handle.chmod(attributes.mode);
    if (uid !== made.uid) await handle.chown(uid, gid);
    return succeeded(undefined);
  } catch (error) {
    const { syscall } = error as NodeJS.ErrnoException;
    if (errorCode(error) !== 'EPERM' || syscall !== 'fchown') throw error;
    return failed(
      'target-refused',
      `cannot write ${path}: it would have to belong to ${uid}:${gid}, and a process of ${made.uid}:${made.gid} may not` +
        ' give files away; run as that user, or set owner and group to ones that the daemon may give',
      { id: 'EPERM' },
    );
  }
}

/** The number for a name in a file like `/etc/passwd`, which has it in the third field. */
async function idOf(list: string, user: string | number | undefined): Promise<Result<number | undefined>> {
  if (typeof user !== 'string') return succeeded(user);
  let text = '';
  try {
    text = await readFile(list, 'utf8');
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
  }
  for (const line of text.split('\n')) {
    const [name, , id] = line.split(':');
    if (name === user && id !== undefined && /^\d+$/.test(id)) return succeeded(Number(id));
  }
  const why = `${user} is not in ${list}; write its number instead`;
  return failed('target-refused', `cannot find the owner or group that is configured: ${why}`);
}
