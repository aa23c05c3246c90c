import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { startKronupEmulator } from '../../src/emulators/kronup/emulator.ts';
import type { KronupEmulator } from '../../src/emulators/kronup/emulator.ts';
import { systemClock } from '../../src/system/clock.ts';
import { systemRandom } from '../../src/system/random.ts';
import { describeContainers } from '../world/containers.ts';
import { docker, filesOf, logged } from './docker.ts';

const ROOT = join(import.meta.dirname, '../..');
const IMAGE = 'rekeyd:test';
const REVISION = '0123456789abcdef0123456789abcdef01234567';
const NOBODY = '65532';
const BUILD_LIMIT_MS = 600_000;
/** The name by which a container reaches the machine that it runs on. */
const MACHINE = 'host.docker.internal';

/** Without any right, with one folder for consumers, and a way to what listens on the machine. */
const AS_IN_A_POD = [
  '--read-only',
  '--cap-drop=ALL',
  '--security-opt=no-new-privileges',
  `--tmpfs=/consumers:uid=${NOBODY},gid=${NOBODY},mode=0700`,
  `--add-host=${MACHINE}:host-gateway`,
  '--publish=127.0.0.1::8080',
];

const lockModel = z.object({
  packages: z.record(
    z.string(),
    z.object({ dev: z.boolean().optional(), link: z.boolean().optional(), version: z.string().optional() }),
  ),
});
const manifestModel = z.object({ version: z.string(), dependencies: z.record(z.string(), z.string()) });
const configModel = z.object({
  User: z.string(),
  Entrypoint: z.array(z.string()),
  Cmd: z.array(z.string()),
  Labels: z.record(z.string(), z.string()),
});
const stateModel = z.object({ Status: z.string(), ExitCode: z.number() });

const manifest = manifestModel.parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));

describeContainers('the image', () => {
  let files: readonly string[];
  let world: World | undefined;
  const running = (): World => {
    if (world === undefined) throw new Error('there is no container');
    return world;
  };

  beforeAll(async () => {
    await build();
    files = await filesOf(IMAGE);
    world = await startWorld();
  }, BUILD_LIMIT_MS);

  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
  });

  it('has the program and what it needs, and nothing else of the project', () => {
    const own = files
      .map((path) => /^opt\/rekeyd\/([^/]+)/.exec(path)?.[1])
      .filter((name) => name !== undefined);
    expect([...new Set(own)].toSorted()).toEqual(['LICENSE', 'bin', 'dist', 'node_modules', 'package.json']);
  });

  it('has the packages of production as the lock file names them, and no other', () => {
    const { packages } = lockModel.parse(JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')));
    const wantPackages = Object.entries(packages)
      .filter(([path, { dev, link }]) => path.startsWith('node_modules/') && dev !== true && link !== true)
      .map(([path]) => path)
      .filter((path) => !/^node_modules\/node-(bin-)?(linux|darwin)-/.test(path));
    const found = files
      .map(
        (path) =>
          /^opt\/rekeyd\/(node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/@]+)\//.exec(path)?.[1],
      )
      .filter((path) => path !== undefined);
    expect([...new Set(found)].toSorted()).toEqual(wantPackages.toSorted());
    const wantDirect = Object.keys(manifest.dependencies).map((name) => `node_modules/${name}`);
    expect(found).toEqual(expect.arrayContaining(wantDirect));
  });

  it('has no shell, no package manager and no source', () => {
    const tools = files.filter((path) =>
      /(^|\/)(ba|da|z)?sh$|(^|\/)(busybox|env|npm|npx|apt|dpkg)$/.test(path),
    );
    const sources = files.filter((path) => /^opt\/.*\.([cm]?ts|map|tsbuildinfo)$/.test(path));
    expect([...tools, ...sources]).toEqual([]);
  });

  it('runs the daemon as nobody, and says what it is', async () => {
    const config = configModel.parse(
      JSON.parse(await docker('inspect', '--format', '{{json .Config}}', IMAGE)),
    );
    expect(config.User).toBe(`${NOBODY}:${NOBODY}`);
    expect([...config.Entrypoint, ...config.Cmd]).toEqual(['/opt/rekeyd/bin/rekeyd', 'run']);
    expect(config.Labels).toMatchObject({
      'org.opencontainers.image.title': 'rekeyd',
      'org.opencontainers.image.licenses': 'Apache-2.0',
      'org.opencontainers.image.version': manifest.version,
      'org.opencontainers.image.revision': REVISION,
    });
  });

  it('finds the program on the path that it sets', async () => {
    expect(await docker('exec', running().container, 'rekeyd', '--version')).toBe(manifest.version);
  });

  it('answers its probes and shows metrics', async () => {
    for (const path of ['livez', 'readyz', 'readyz/accounts/billing', 'metrics']) {
      const answer = await fetch(`${running().probes}/${path}`);
      expect([path, answer.status, await answer.text()]).toEqual([path, 200, expect.any(String)]);
    }
  });

  it('delivers what is live at the provider, by a root file system that nobody can write to', async () => {
    const read = "process.stdout.write(fs.readFileSync('/consumers/token'))";
    const live = await running().kronup.liveToken(running().accountId);
    expect(await docker('exec', running().container, 'node', '-e', read)).toBe(live.reveal());
    const write =
      "try { fs.writeFileSync('/opt/rekeyd/dist/more.js', '') } catch (e) { console.log(e.code) }";
    expect(await docker('exec', running().container, 'node', '-e', write)).toBe('EROFS');
  });

  it('answers rekeyd status inside', async () => {
    expect(await docker('exec', running().container, 'rekeyd', 'status')).toContain('billing');
  });

  it('ends with code 0 by SIGTERM', async () => {
    await using other = await startWorld();
    await docker('stop', '--time', '60', other.container);
    const state = stateModel.parse(
      JSON.parse(await docker('inspect', '--format', '{{json .State}}', other.container)),
    );
    expect(state).toEqual({ Status: 'exited', ExitCode: 0 });
  });
});

/** Once a run; what has not changed comes out of the engine's cache. */
async function build(): Promise<void> {
  const told = [`VERSION=${manifest.version}`, `REVISION=${REVISION}`];
  const args = told.flatMap((argument) => ['--build-arg', argument]);
  await docker('build', '--quiet', '--network', 'host', '--tag', IMAGE, ...args, ROOT);
}

interface World extends AsyncDisposable {
  readonly kronup: KronupEmulator;
  readonly accountId: string;
  readonly container: string;
  readonly probes: string;
}

/** A daemon in a container without any right, which has brought one account's credential into a file. */
async function startWorld(): Promise<World> {
  await using undo = new AsyncDisposableStack();
  const kronup = undo.use(
    await startKronupEmulator({
      clock: systemClock(),
      random: systemRandom(),
      host: '0.0.0.0',
      accounts: 1,
    }),
  );
  const accountId = kronup.accounts[0]?.id ?? '';
  const folder = mkdtempSync(join(tmpdir(), 'rekeyd-image-'));
  undo.defer(() => rmSync(folder, { recursive: true, force: true }));
  const config = join(folder, 'rekeyd.yaml');
  writeFileSync(config, configOf(kronup.port, accountId), { mode: 0o644 });
  const container = await docker(
    'run',
    '--detach',
    ...AS_IN_A_POD,
    `--env=KRONUP_TOKEN=${kronup.manager.token.reveal()}`,
    `--volume=${config}:/etc/rekeyd/rekeyd.yaml:ro`,
    IMAGE,
  );
  undo.defer(async () => void (await docker('rm', '--force', '--volumes', container)));
  await logged(container, 'target confirmed');
  const probes = `http://${await docker('port', container, '8080/tcp')}`;
  const began = undo.move();
  return {
    kronup,
    accountId,
    container,
    probes,
    [Symbol.asyncDispose]: () => began[Symbol.asyncDispose](),
  };
}

function configOf(port: number, accountId: string): string {
  return JSON.stringify({
    providers: {
      kronup: {
        kind: 'kronup',
        baseUrl: `http://${MACHINE}:${port}/v1`,
        insecure: true,
        token: { env: 'KRONUP_TOKEN' },
      },
    },
    stores: { files: { kind: 'file', directory: '/consumers' } },
    log: { level: 'debug' },
    accounts: [
      {
        name: 'billing',
        provider: 'kronup',
        accountId,
        schedule: '0 3 1 1 *',
        targets: [{ store: 'files', address: 'token', consumerLag: '0s' }],
      },
    ],
  });
}
