// A daemon among files with the owners and modes that Kubernetes gives them, as the user that it runs as there.

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { daemonWorld } from '../world/daemon-world.ts';
import type { DaemonWorld } from '../world/daemon-world.ts';

const USER = 65_532;
const FS_GROUP = 2_000;
const AS_IN_A_POD = ['setpriv', `--reuid=${USER}`, `--regid=${USER}`, `--groups=${FS_GROUP}`];

/** What a container’s runtime does with a volume that is mounted `readOnly`, and with a ConfigMap always. */
const READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"';

function succeeds(command: string, ...words: readonly string[]): boolean {
  try {
    execFileSync(command, words, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const canBecome =
  process.getuid?.() === 0 && succeeds('setpriv', ...AS_IN_A_POD.slice(1), process.execPath, '--version');
const canMount = canBecome && succeeds('unshare', '--mount', 'sh', '-c', READ_ONLY, '/tmp', 'true');

/** A folder as the kubelet fills it: files in a folder of the version, links that lead there, all of root and fsGroup. */
function projected(folder: string, files: Readonly<Record<string, string>>, mode: number): void {
  const version = join(folder, '..2026_01_05');
  mkdirSync(version, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(version, name), text);
    chownSync(join(version, name), 0, FS_GROUP);
    chmodSync(join(version, name), mode);
    symlinkSync(join('..data', name), join(folder, name));
  }
  symlinkSync('..2026_01_05', join(folder, '..data_tmp'));
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  for (const each of [folder, version]) {
    chownSync(each, 0, FS_GROUP);
    chmodSync(each, 0o3777);
  }
}

/** What the kubelet does to a volume with `fsGroup` at each start of a pod. */
function givenToGroup(folder: string): void {
  chownSync(folder, 0, FS_GROUP);
  chmodSync(folder, 0o2775);
  for (const name of readdirSync(folder)) {
    chownSync(join(folder, name), USER, FS_GROUP);
    chmodSync(join(folder, name), 0o660);
  }
}

function configOf(world: DaemonWorld, data: string): string {
  const token = { file: join(world.folder, 'manager', 'token') };
  return JSON.stringify({
    journal: { path: join(data, 'journal.db') },
    probes: { address: '127.0.0.1:0' },
    log: { level: 'debug' },
    providers: { kronup: { kind: 'kronup', baseUrl: `${world.gate.origin}/v1`, token } },
    stores: { files: { kind: 'file', directory: join(world.folder, 'secrets') } },
    defaults: { provider: 'kronup', minInterval: '1s' },
    accounts: [world.account()],
  });
}

/** The manager's token in a projected Secret, the journal on a volume with fsGroup, consumers' files in an emptyDir. */
async function pod(): Promise<DaemonWorld & { readonly data: string; readonly config: string }> {
  const world = await daemonWorld({ through: AS_IN_A_POD });
  const [data, config] = [join(world.folder, 'data'), join(world.folder, 'config')];
  chmodSync(world.folder, 0o755);
  chmodSync(join(world.folder, 'secrets'), 0o777);
  mkdirSync(data);
  givenToGroup(data);
  projected(join(world.folder, 'manager'), { token: world.kronup.manager.token.reveal() }, 0o440);
  projected(config, { 'rekeyd.yaml': configOf(world, data) }, 0o644);
  return { ...world, data, config: join(config, 'rekeyd.yaml') };
}

describe.skipIf(!canBecome)('a daemon in a pod (skipped unless root, with setpriv)', () => {
  it('starts, and starts again after its volume was given to fsGroup once more', async () => {
    const world = await pod();
    const first = world.run('run', '--config', world.config);
    await first.line({ event: 'target-confirmed' });
    expect(first.log.filter(({ event }) => event === 'config-warned')).toEqual([]);
    await first.kill();
    // Also what it left behind when it was killed: the log of its journal, and its socket.
    givenToGroup(world.data);
    const second = world.run('run', '--config', world.config);
    await second.line({ event: 'daemon-started' });
    second.signal('SIGTERM');
    expect(await second.ended).toEqual({ code: 0 });
    expect(await world.file(`${world.account().name}.token`)).toBe(await world.live());
  });

  it('is refused a configuration that the group of a volume may write', async () => {
    const world = await pod();
    chmodSync(world.config, 0o664);
    const started = world.run('run', '--config', world.config);
    expect(await started.ended).toEqual({ code: 2 });
    expect(started.errors()).toContain(
      `the group ${FS_GROUP} may (mode 0664, owner root (0), group ${FS_GROUP})`,
    );
  });

  it('is refused a journal of another user', async () => {
    const world = await pod();
    const path = join(world.data, 'journal.db');
    writeFileSync(path, '');
    chownSync(path, 100, FS_GROUP);
    chmodSync(path, 0o660);
    const started = world.run('run', '--config', world.config);
    expect(await started.ended).toEqual({ code: 3 });
    expect(started.errors()).toContain(`The journal ${path} is not opened: others may write it`);
  });
});

describe.skipIf(!canMount)(
  'a configuration that everybody may write (skipped where nothing can be mounted)',
  () => {
    it('is safe on a read-only mount, and only there', async () => {
      const world = await daemonWorld();
      const config = join(world.folder, 'config');
      projected(config, { 'rekeyd.yaml': configOf(world, world.folder) }, 0o666);
      const asked = ['check', '--offline', '--config', join(config, 'rekeyd.yaml')];
      const open = world.run(...asked);
      expect(await open.ended).toEqual({ code: 2 });
      expect(open.output()).toContain('every user of this machine may');
      const through = ['unshare', '--mount', 'sh', '-c', READ_ONLY, config];
      const safe = world.runThrough(through, ...asked);
      expect(await safe.ended).toEqual({ code: 0 });
    });
  },
);
