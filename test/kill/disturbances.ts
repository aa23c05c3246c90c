/** What a daemon has to bear besides being killed: to be stopped in good order, to be frozen, and disks that fail it. */
import { rename, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningProcess } from '../world/daemon-process.ts';
import { empty, failDevice, fill, mendDevice, remount } from './disk.ts';
import type { World, WorldOptions } from './world.ts';

export interface Disturbance {
  readonly name: string;
  readonly world: WorldOptions;
  /** What is done when a point is reached; the request there goes on after it. */
  begin(world: World, daemon: RunningProcess): Promise<void>;
  /** How it is put right: after `lastsMs`, or before that when the daemon has ended. */
  end(world: World, daemon: RunningProcess): Promise<void>;
  readonly lastsMs: number;
  /** The request goes on only when all is right again. */
  readonly holdsRequest?: true;
  /** The code that the daemon may end with because of it, and words of its last message. Absent: it must not end. */
  readonly ends?: { readonly code: number; readonly says: RegExp; readonly always?: true };
  /** The daemon is stopped and started first: its log then begins anew, and needs space that it does not have yet. */
  readonly startsAnew?: true;
  /** Nothing may be minted from when it began until the daemon has ended, and what was minted must be delivered by then. */
  readonly isStop?: true;
  /** It is about a disk, and so about files. */
  readonly breaksDisk?: true;
  /** The journal is lost by it, and so the daemon may not know that it did what it was asked for. */
  readonly losesJournal?: true;
}

/** Longer than a lease and all time limits of a world with short limits. */
const FROZEN_MS = 13_000;
/** Long enough for a rotation to come to where it fails. */
const BROKEN_MS = 6_000;
/** A daemon may take its grace, which is 50 s. */
const GRACE_MS = 60_000;

const FULL = /cannot grow|no space/i;
const UNWRITABLE = /The journal \S+ cannot be (?:used|written): /;

export const DISTURBANCES: readonly Disturbance[] = [
  {
    name: 'SIGTERM',
    world: {},
    async begin(_world, daemon) {
      daemon.signal('SIGTERM');
      await daemon.line({ event: 'daemon-stopping' });
    },
    end: () => Promise.resolve(),
    lastsMs: GRACE_MS,
    ends: { code: 0, says: /^/, always: true },
    isStop: true,
  },
  {
    name: 'SIGSTOP, and SIGCONT after all time limits',
    world: { limits: 'short' },
    begin: (_world, daemon) => Promise.resolve(daemon.signal('SIGSTOP')),
    end: (_world, daemon) => Promise.resolve(daemon.signal('SIGCONT')),
    lastsMs: FROZEN_MS,
    holdsRequest: true,
  },
  {
    name: 'the disk of the journal is full',
    world: { disks: true },
    begin: ({ places }) => fill(places.journal),
    end: ({ places }) => empty(places.journal),
    lastsMs: BROKEN_MS,
    breaksDisk: true,
    ends: { code: 3, says: FULL },
    startsAnew: true,
  },
  {
    name: 'the disk of the journal is read-only',
    world: { device: true },
    begin: ({ places }) => failDevice(places.journal),
    async end({ places }, daemon) {
      await daemon.kill();
      await mendDevice(places.journal);
    },
    lastsMs: GRACE_MS,
    breaksDisk: true,
    ends: { code: 3, says: UNWRITABLE, always: true },
  },
  {
    name: 'the folder of the journal is removed',
    world: {},
    begin: ({ places }) => rm(places.journal, { recursive: true, force: true }),
    async end(_world, daemon) {
      await daemon.kill();
    },
    lastsMs: BROKEN_MS,
    breaksDisk: true,
    losesJournal: true,
  },
  {
    name: 'the disk of the targets is full',
    world: { disks: true },
    begin: ({ places }) => fill(places.secrets),
    end: ({ places }) => empty(places.secrets),
    lastsMs: BROKEN_MS,
    breaksDisk: true,
  },
  {
    name: 'the disk of the targets is read-only',
    world: { disks: true },
    begin: ({ places }) => readOnly(places.secrets),
    end: ({ places }) => remount(places.secrets, 'rw'),
    lastsMs: BROKEN_MS,
    breaksDisk: true,
  },
  {
    name: 'the folder of the targets is gone',
    world: {},
    async begin({ places, consumers }) {
      consumers?.emptied();
      await rename(places.secrets, `${places.secrets}.away`);
    },
    end: ({ places }) => rename(`${places.secrets}.away`, places.secrets),
    lastsMs: BROKEN_MS,
    breaksDisk: true,
  },
];

/** A disk with a file that is being written cannot become read-only: it is tried again until the write is over. */
async function readOnly(folder: string): Promise<void> {
  for (;;) {
    try {
      return await remount(folder, 'ro');
    } catch (error) {
      if (!String(error).includes('busy')) throw error;
      await sleep(5);
    }
  }
}
