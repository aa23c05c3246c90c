import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const WATCH = pathToFileURL(join(import.meta.dirname, 'watch-loading.mjs')).href;

/** The packages of node_modules that this command loads. */
function packagesOf(...args: readonly string[]): string[] {
  const { stderr } = spawnSync(process.execPath, ['--import', WATCH, join(ROOT, 'src/main.ts'), ...args], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
    env: {},
  });
  const packages = [...stderr.matchAll(/loaded .*\/node_modules\/((?:@[^/]+\/)?[^/]+)/g)];
  return [...new Set(packages.map(([, name = '']) => name))].toSorted();
}

describe('what is loaded', () => {
  it('is commander alone for --help', () => {
    expect(packagesOf('--help')).toEqual(['commander']);
  });

  it('is commander and undici for status', () => {
    expect(packagesOf('status', '--socket', '/nowhere.sock')).toEqual(['commander', 'undici']);
  });
});
