import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { file } from '../../../src/stores/file/entry.ts';

describe('the configuration of a file store', () => {
  it('needs a directory only', () => {
    expect(file.schema.parse({ directory: '/run/credentials' })).toEqual({
      directory: '/run/credentials',
      mode: '0600',
      timeout: 10_000,
    });
  });

  it.each([
    {},
    { directory: '' },
    { directory: '/a', mode: 600 },
    { directory: '/a', mode: 0o600 },
    { directory: '/a', mode: '0680' },
    { directory: '/a', mode: '4755' },
    { directory: '/a', mode: 'rw' },
    { directory: '/a', owner: -1 },
    { directory: '/a', owner: 'no:colon' },
    { directory: '/a', timeout: 10 },
    { directory: '/a', path: '/b' },
  ])('is refused: %j', (config) => {
    expect(file.schema.safeParse(config).success).toBe(false);
  });

  it.each([{ mode: '0640' }, { owner: 1000, group: 'app' }, {}])('lets a target say %j', (options) => {
    expect(file.targetSchema.parse(options)).toEqual(options);
  });
});

describe('an address in a file store', () => {
  it.each(['token', 'app/token', '.env', 'a b', 'é', '...', 'a..b', '.x.rekeyd/token', 'a'.repeat(240)])(
    'may be %j',
    (address) => {
      expect(problemOf(address)).toBeUndefined();
    },
  );

  it.each<[address: string, wantWhy: RegExp]>([
    ['', /empty/],
    ['/etc/token', /absolute/],
    ['a/', /ends with a slash/],
    ['..', /“..”/],
    ['a/../b', /“..”/],
    ['./a', /“..”/],
    ['a//b', /empty part/],
    ['a\0', /NUL/],
    ['é'.repeat(121), /longer than 240 bytes/],
    [`${'a/'.repeat(1_600)}b`, /longer than 3000 bytes/],
    ['app/.token.rekeyd', /temporary/],
    ['.token.rekeyd-probe', /temporary/],
  ])('may not be %j', (address, wantWhy) => {
    expect(problemOf(address)).toMatch(wantWhy);
  });
});

describe('the location of a file', () => {
  let base: string;
  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), 'rekeyd-locate-'));
    await mkdir(join(base, 'real/sub'), { recursive: true });
    await symlink('real', join(base, 'link'));
    await symlink('sub', join(base, 'real/alias'));
  });
  afterAll(async () => await rm(base, { recursive: true }));

  it.each<[directory: string, address: string, wantPath: string]>([
    ['real', 'token', 'real/token'],
    ['link', 'token', 'real/token'],
    ['link/sub', 'token', 'real/sub/token'],
    ['real', 'alias/token', 'real/sub/token'],
    ['link', 'new/folder/token', 'real/new/folder/token'],
    ['gone', 'token', 'gone/token'],
  ])('in %s is that of the real file: %s', (directory, address, wantPath) => {
    const config = file.schema.parse({ directory: join(base, directory) });
    expect(file.locate(config, address)).toBe(`file:${join(base, wantPath)}`);
  });

  it('is of the folder that is configured, whatever links lead there', () => {
    const config = file.schema.parse({ directory: join(base, 'link/') });
    expect(file.leadsTo(config)).toBe(`file:${join(base, 'link')}`);
  });
});

function problemOf(address: string): string | undefined {
  return file.addressProblem(file.schema.parse({ directory: '/a' }), address);
}
