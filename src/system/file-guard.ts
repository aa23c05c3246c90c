/**
 * Says why a file must not be trusted: somebody beside root and the user of this process may write it. Folders are not looked at:
 * Kubernetes gives those of its volumes to everybody.
 */
import { readFileSync, realpathSync } from 'node:fs';
import { userInfo } from 'node:os';
import { everybodyMayRead, everybodyMayWrite, otherWriters, parseSelf, parseUsers } from './file-rights.ts';
import type { Exceptions, FileRights, OtherWriter, Self, Users } from './file-rights.ts';
import { MOUNT_TABLE, mountOf, parseMounts } from './mounts.ts';

export type { FileRights } from './file-rights.ts';

/**
 * For a file whose content decides what rekeyd does. `path` is where it was opened, `rights` what the open file says of itself.
 * `undefined`: only root and this user may write it, or nobody, by a read-only mount. Blocks, for a moment.
 */
export function trustProblem(
  path: string,
  rights: FileRights,
  exceptions: Exceptions = {},
): string | undefined {
  const { self, users } = surroundings();
  if (self === undefined) return undefined;
  const writers = otherWriters(rights, self, users, exceptions);
  if (writers.length === 0) return undefined;
  const real = realPathOf(path);
  if (isReadOnly(real)) return undefined;
  const words = [...new Set(writers)].map((writer) => writerWords(writer, rights, users()));
  const remedies = remediesOf(writers, { self, users: users(), real });
  return (
    `others may write it, and what is in it is trusted: ${words.join(', and ')} (mode ${modeText(rights)}, owner ` +
    `${userText(rights.uid, users())}, group ${groupText(rights.gid, users())}); ${remedies}, or mount it read-only`
  );
}

/** For the file of a secret, which a sidecar or Kubernetes may own: only that nobody at all could replace it. */
export function secretProblem(path: string, rights: FileRights): string | undefined {
  if (!everybodyMayWrite(rights) || isReadOnly(realPathOf(path))) return undefined;
  return (
    `every user of this machine may write it (mode ${modeText(rights)}); chmod o-w ${quoted(realPathOf(path))}, or mount ` +
    'it read-only'
  );
}

/**
 * That every user of the machine can read a secret. On a read-only mount that is no matter: so containers are given theirs, and
 * Kubernetes makes them 0644 by default.
 */
export function secretWarning(path: string, rights: FileRights): string | undefined {
  if (!everybodyMayRead(rights) || isReadOnly(realPathOf(path))) return undefined;
  return `every user of this machine may read it (mode ${modeText(rights)}); chmod o-r ${quoted(realPathOf(path))}`;
}

interface Surroundings {
  /** Unknown on systems without users, where nothing is said. */
  readonly self: Self | undefined;
  readonly users: () => Users;
}

function surroundings(): Surroundings {
  let known: Users | undefined;
  return {
    self: parseSelf(textOf('/proc/self/status')) ?? selfElsewhere(),
    users: () => (known ??= parseUsers(textOf('/etc/passwd'), textOf('/etc/group'))),
  };
}

/** Where there is no Linux to ask. Windows says -1. */
function selfElsewhere(): Self | undefined {
  try {
    const { uid, gid } = userInfo();
    return uid < 0 ? undefined : { uid, gids: [gid] };
  } catch {
    return undefined;
  }
}

function isReadOnly(real: string): boolean {
  return mountOf(parseMounts(textOf(MOUNT_TABLE)), real)?.readOnly === true;
}

function writerWords(writer: OtherWriter, { uid, gid }: FileRights, users: Users): string {
  switch (writer) {
    case 'owner':
      return `its owner ${userText(uid, users)} is neither root nor the user that rekeyd runs as`;
    case 'group':
      return `the group ${groupText(gid, users)} may`;
    case 'everybody':
      return 'every user of this machine may';
  }
}

function remediesOf(
  writers: readonly OtherWriter[],
  { self, users, real }: { readonly self: Self; readonly users: Users; readonly real: string },
): string {
  const owner = users.users.find(({ uid }) => uid === self.uid)?.name ?? String(self.uid);
  const remedies = [
    ...(writers.includes('owner') ? [`chown ${owner} ${quoted(real)}`] : []),
    ...(writers.some((writer) => writer !== 'owner') ? [`chmod go-w ${quoted(real)}`] : []),
  ];
  return remedies.join(' and ');
}

function modeText({ mode }: FileRights): string {
  return `0${(mode & 0o777).toString(8).padStart(3, '0')}`;
}

function userText(uid: number, { users }: Users): string {
  const user = users.find((one) => one.uid === uid);
  return user === undefined ? String(uid) : `${user.name} (${uid})`;
}

function groupText(gid: number, { groups }: Users): string {
  const group = groups.find((one) => one.gid === gid);
  return group === undefined ? String(gid) : `${group.name} (${gid})`;
}

/** For a shell. */
function quoted(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}

function realPathOf(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
