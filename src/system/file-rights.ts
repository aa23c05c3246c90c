/** Who may write or read a file, from what the system says of it. Pure: knows the rules and asks nobody. */

/** Of a file, links followed; `Stats` of Node have it. */
export interface FileRights {
  readonly uid: number;
  readonly gid: number;
  /** With or without the bits of the file's type. */
  readonly mode: number;
}

/** Who asks. */
export interface Self {
  readonly uid: number;
  /** The group of the process and all that it is in besides. */
  readonly gids: readonly number[];
}

/** What this machine knows of its users: `/etc/passwd` and `/etc/group`. A directory service may know more. */
export interface Users {
  readonly users: readonly { readonly name: string; readonly uid: number; readonly gid: number }[];
  readonly groups: readonly {
    readonly name: string;
    readonly gid: number;
    readonly members: readonly string[];
  }[];
}

/** By whom a file could be written who is neither root nor the asker. */
export type OtherWriter = 'owner' | 'group' | 'everybody';

export interface Exceptions {
  /**
   * A group that no file names is taken for that of a volume (`fsGroup`): Kubernetes gives such a group the right to write
   * every file on the volume, at each start of a pod.
   */
  readonly volumeGroup?: boolean;
}

const ROOT = 0;
const GROUP_WRITES = 0o020;
const EVERYBODY_WRITES = 0o002;
const EVERYBODY_READS = 0o004;

/**
 * Everybody beside root and the asker who may write the file. An owner may, whatever the mode: it is the owner's to change.
 * Asks for `users` only where a group may write.
 */
export function otherWriters(
  { uid, gid, mode }: FileRights,
  self: Self,
  users: () => Users,
  exceptions: Exceptions = {},
): OtherWriter[] {
  const writers: OtherWriter[] = [];
  if (uid !== ROOT && uid !== self.uid) writers.push('owner');
  if ((mode & GROUP_WRITES) !== 0 && !isAlone(gid, self, users(), exceptions)) writers.push('group');
  if ((mode & EVERYBODY_WRITES) !== 0) writers.push('everybody');
  return writers;
}

export function everybodyMayWrite({ mode }: FileRights): boolean {
  return (mode & EVERYBODY_WRITES) !== 0;
}

export function everybodyMayRead({ mode }: FileRights): boolean {
  return (mode & EVERYBODY_READS) !== 0;
}

/** Whether nobody else is in the group: the asker's own, named after it, as many systems give every user one. */
function isAlone(gid: number, self: Self, { users, groups }: Users, { volumeGroup }: Exceptions): boolean {
  if (gid === ROOT) return false;
  if (users.some((user) => user.gid === gid && user.uid !== self.uid)) return false;
  const group = groups.find((one) => one.gid === gid);
  if (group === undefined) return volumeGroup === true && self.gids.includes(gid);
  const own = users.find((user) => user.uid === self.uid);
  return own?.gid === gid && own.name === group.name && group.members.every((name) => name === own.name);
}

/** From the texts of `/etc/passwd` and `/etc/group` (passwd(5), group(5)); lines that make no sense are left out. */
export function parseUsers(passwd: string, group: string): Users {
  const fieldsOf = (text: string) => text.split('\n').map((line) => line.split(':'));
  return {
    users: fieldsOf(passwd).flatMap(([name = '', , uid, gid]) => {
      const user = { name, uid: numberIn(uid), gid: numberIn(gid) };
      return Number.isNaN(user.uid + user.gid) ? [] : [user];
    }),
    groups: fieldsOf(group).flatMap(([name = '', , gid, members = '']) => {
      const one = { name, gid: numberIn(gid), members: members.split(',').filter((member) => member !== '') };
      return Number.isNaN(one.gid) ? [] : [one];
    }),
  };
}

/** From Linux's own account of a process (proc_pid_status(5)): what counts for files. `undefined` where it is none. */
export function parseSelf(status: string): Self | undefined {
  const ids = (name: string) =>
    (new RegExp(`^${name}:\\s*([\\d\\s]*?)$`, 'm').exec(status)?.[1] ?? '').split(/\s+/).map(numberIn);
  const uid = ids('Uid')[3];
  const gid = ids('Gid')[3];
  if (uid === undefined || gid === undefined) return undefined;
  return { uid, gids: [gid, ...ids('Groups').filter((id) => !Number.isNaN(id))] };
}

function numberIn(text: string | undefined): number {
  return /^\d+$/.test(text ?? '') ? Number(text) : Number.NaN;
}
