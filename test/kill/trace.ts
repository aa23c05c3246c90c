/**
 * Sees from outside what a process does to the files in its folder, by strace, and can make it stand still at one such call for long
 * enough to be killed there.
 */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DiskPoint } from './point.ts';

/** Every call by which Node and SQLite change something on disk. */
const CALLS =
  'openat,mkdir,rename,link,symlink,unlink,rmdir,truncate,ftruncate,write,writev,pwrite64,pwritev,fsync,fdatasync,' +
  'fchmod,chmod,fchown,chown';

/** A thread stands still this long where it is to be killed; nobody waits for the end of it. */
const STANDS_STILL = '60s';

/** In one thread file effects have the same order in each run; it is a setting of Node's own. */
export const TRACED_ENVIRONMENT = { UV_THREADPOOL_SIZE: '1' };

export interface DiskCall {
  /** ms since the epoch. */
  readonly at: number;
  readonly thread: string;
  readonly call: string;
  /** Below the folder; the first of those that it names. */
  readonly path: string;
  /** The how many-th such call on this path by this thread, from 1. */
  readonly nth: number;
  /** False for opening a file that may be there already, and is counted only. */
  readonly changes: boolean;
}

/** What a program has to be run through, so that its file descriptor 3 tells of all its calls. */
export function tracing(): readonly string[] {
  return ['strace', ...OPTIONS, '-D', '-o', '|exec cat >&3', '-e', `trace=${CALLS}`];
}

/** What a program has to be run by, so that it stands still at this point, and its file descriptor 3 tells of it. */
export function standingStillAt(folder: string, point: DiskPoint): readonly string[] {
  return ['strace', ...OPTIONS, '-D', '-o', '|exec cat >&3', ...strikeOptions(folder, point)];
}

/** Makes a running process stand still at this point. Resolves when it is watched; disposing of it lets it go. */
export async function attach(
  pid: number,
  folder: string,
  point: DiskPoint,
  onText: (text: string) => void,
): Promise<Disposable> {
  const options = OPTIONS.filter((option) => option !== '--seccomp-bpf' && option !== '-q');
  const tracer = spawn(
    'strace',
    [...options, '-o', '|exec cat', ...strikeOptions(folder, point), '-p', `${pid}`],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  tracer.stdout.setEncoding('utf8').on('data', onText);
  let said = '';
  await new Promise<void>((resolve, reject) => {
    tracer.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (/ attached/.test(said)) resolve();
    });
    tracer.once('exit', () => reject(new Error(`strace does not trace ${pid}: ${said}`)));
  });
  return { [Symbol.dispose]: () => void tracer.kill('SIGKILL') };
}

/** Threads are followed, paths of descriptors shown. The tracer is no parent, so that what is started is the program itself. */
const OPTIONS = ['-f', '-q', '--seccomp-bpf', '-y', '-ttt', '-s', '0'];

function strikeOptions(folder: string, { call, path, nth, side }: DiskPoint): readonly string[] {
  const delay = side === 'enter' ? 'delay_enter' : 'delay_exit';
  const inject = `inject=${call}:${delay}=${STANDS_STILL}:when=${nth}`;
  return ['-P', join(folder, path), '-e', `trace=${call}`, '-e', inject];
}

/** Whether a text of the trace says that the point is reached. */
export function reaches(text: string, { call, nth, side }: DiskPoint): boolean {
  if (side === 'return') return text.includes('(DELAYED)');
  const byThread = Map.groupBy(
    callLines(text).filter(({ name }) => name === call),
    ({ thread }) => thread,
  );
  return [...byThread.values()].some((lines) => lines.length >= nth);
}

/** The calls on files in this folder from this instant on, in their order. */
export function diskCalls(text: string, folder: string, from = 0): readonly DiskCall[] {
  const counts = new Map<string, number>();
  const count = (key: string): number => {
    const counted = (counts.get(key) ?? 0) + 1;
    counts.set(key, counted);
    return counted;
  };
  return callLines(text).flatMap(({ thread, at, name, rest }) => {
    if (at < from) return [];
    // The folder that a relative path would start from says nothing.
    const paths = [...rest.replace(/AT_FDCWD<[^>]*>/g, '').matchAll(/[<"](\/[^">]*)[">]/g)];
    const found = paths.map(([, each = '']) => each).find((each) => each.startsWith(`${folder}/`));
    if (found === undefined) return [];
    const path = found.slice(folder.length + 1);
    const changes = name !== 'openat' || rest.includes('O_CREAT');
    return [{ at, thread, call: name, path, nth: count(`${thread} ${name} ${path}`), changes }];
  });
}

interface CallLine {
  readonly thread: string;
  readonly at: number;
  readonly name: string;
  readonly rest: string;
}

function callLines(text: string): readonly CallLine[] {
  return text.split('\n').flatMap((line) => {
    const [, thread, seconds, name, rest] = /^(\d+) +(\d+\.\d+) (\w+)\((.*)$/.exec(line) ?? [];
    if (thread === undefined || name === undefined || rest === undefined) return [];
    return [{ thread, at: Number(seconds) * 1_000, name, rest }];
  });
}

/** The process that traces this one, if any. */
export async function tracerOf(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const tracer = Number(/^TracerPid:\s+(\d+)/m.exec(status)?.[1] ?? 0);
  return tracer === 0 ? undefined : tracer;
}
