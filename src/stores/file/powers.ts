/** Who this process is to the file system, and whether it may handle other users' files. */
import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';

/** Bit of CAP_FOWNER in a set of capabilities (capabilities(7)). */
const CAP_FOWNER = 3n;

export interface Powers {
  readonly uid: number;
  readonly gid: number;
  /** May replace what belongs to others in a sticky folder. */
  readonly overOthers: boolean;
}

/** From Linux's own account of the process (proc(5)), or from the user's number where there is none. */
export async function ownPowers(): Promise<Powers> {
  try {
    return parseStatus(await readFile('/proc/self/status', 'utf8'));
  } catch {
    const { uid, gid } = userInfo();
    return { uid, gid, overOthers: uid === 0 };
  }
}

export function parseStatus(text: string): Powers {
  const uid = Number(/^Uid:\t\d+\t(\d+)/m.exec(text)?.[1]);
  const gid = Number(/^Gid:\t\d+\t(\d+)/m.exec(text)?.[1]);
  const capabilities = BigInt(`0x${/^CapEff:\t([0-9a-f]+)$/m.exec(text)?.[1]}`);
  return { uid, gid, overOthers: ((capabilities >> CAP_FOWNER) & 1n) === 1n };
}
