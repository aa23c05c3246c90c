import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startProcess } from '../world/daemon-process.ts';

const ROOT = join(import.meta.dirname, '../..');

const packModel = z.object({
  filename: z.string(),
  files: z.array(z.object({ path: z.string(), mode: z.number() })),
});
/** npm up to 11 answers with a list, npm 12 with an object by the package's name. */
const answerModel = z.union([
  z.tuple([packModel]).transform(([pack]) => pack),
  z.object({ rekeyd: packModel }).transform(({ rekeyd }) => rekeyd),
]);

const manifestModel = z.object({
  version: z.string(),
  bin: z.object({ rekeyd: z.string() }),
  dependencies: z.record(z.string(), z.string()),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
});

/** The npm that runs the tests, else the one on the PATH. */
function npm(...args: string[]): string {
  const path = process.env['npm_execpath'];
  const [command, first] = path?.endsWith('npm-cli.js') === true ? [process.execPath, [path]] : ['npm', []];
  return execFileSync(command, [...first, ...args, '--loglevel=error'], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

describe('the published package', () => {
  let folder: string;
  let pack: z.output<typeof packModel>;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'rekeyd-pack-'));
    pack = answerModel.parse(JSON.parse(npm('pack', '--json', '--pack-destination', folder)));
    execFileSync('tar', ['-xzf', join(folder, pack.filename), '-C', folder]);
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'package/node_modules'));
  });

  function readManifest(): unknown {
    return JSON.parse(readFileSync(join(folder, 'package', 'package.json'), 'utf8'));
  }

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('has the program, its example configuration and the pages about it, and nothing else', () => {
    const tops = new Set(pack.files.map(({ path }) => path.split('/')[0] ?? ''));
    const wantTops = [
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'SECURITY.md',
      'config',
      'dist',
      'package.json',
    ];
    expect([...tops].toSorted()).toEqual(wantTops);
  });

  it('has no source, no test and nothing of the toolchain', () => {
    const strangers = pack.files
      .map(({ path }) => path)
      .filter((path) => /(^|\/)(test|toolchain|node_modules)\/|\.test\.|\.map$|\.tsbuildinfo$/.test(path));
    const sources = pack.files
      .map(({ path }) => path)
      .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'));
    expect([...strangers, ...sources]).toEqual([]);
  });

  it('has every file of the source, compiled', () => {
    const wantFiles = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => `dist/${path.replace(/\.ts$/, '.js')}`);
    const files = pack.files.map(({ path }) => path).filter((path) => path.endsWith('.js'));
    expect(files.toSorted()).toEqual(wantFiles.toSorted());
  });

  it('brings no Node, which would take the place of the one that is there', () => {
    const { dependencies, optionalDependencies } = manifestModel.parse(readManifest());
    const names = Object.keys({ ...dependencies, ...optionalDependencies });
    expect(names.filter((name) => /^node(-|$)/.test(name))).toEqual([]);
  });

  it('runs on its own as the program that it names', () => {
    const home = join(folder, 'package');
    const { version, bin } = manifestModel.parse(readManifest());
    const program = pack.files.find(({ path }) => path === bin.rekeyd);
    expect(program?.mode).toBe(0o755);
    const said = execFileSync(join(home, bin.rekeyd), ['--version'], { encoding: 'utf8' });
    expect(said.trim()).toBe(version);
  });

  // V8 can end a process in which several threads use it: https://github.com/nodejs/node/issues/66366
  it('runs its threads without WebAssembly', async () => {
    const config = join(folder, 'rekeyd.yaml');
    const token = join(folder, 'token');
    writeFileSync(token, 'nobody-asks-with-this', { mode: 0o600 });
    const words = {
      journal: { path: 'journal.db' },
      probes: { address: '127.0.0.1:0' },
      providers: { kronup: { kind: 'kronup', baseUrl: 'http://127.0.0.1:9/v1', token: { file: token } } },
      stores: { files: { kind: 'file', directory: folder } },
      accounts: [],
    };
    writeFileSync(config, JSON.stringify(words), { mode: 0o644 });
    const daemon = startProcess({
      // Without a compiler, there is no WebAssembly in any thread.
      flags: ['--jitless'],
      main: join(folder, 'package', manifestModel.parse(readManifest()).bin.rekeyd),
      arguments: ['run', '--config', config],
      directory: folder,
      environment: { PATH: '/usr/bin:/bin', TZ: 'UTC' },
    });
    await daemon.line({ event: 'journal-opened' });
    await daemon.line({ event: 'config-applied' });
    await daemon.line({ event: 'daemon-started' });
    daemon.signal('SIGTERM');
    expect(await daemon.ended).toEqual({ code: 0 });
  });
});
