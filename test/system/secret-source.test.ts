import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { secretSource } from '../../src/system/secret-source.ts';
import type { SecretSource } from '../../src/ports/settings.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rekeyd-secret-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function inFile(content: string | Buffer, name = 'token'): SecretSource {
  const path = join(folder, name);
  writeFileSync(path, content);
  return secretSource({ file: path }, {});
}

async function valueOf(source: SecretSource): Promise<string> {
  const read = await source.read();
  if (!read.ok) throw new Error(read.failure.message);
  return read.value.reveal();
}

async function failureOf(source: SecretSource): Promise<string> {
  const read = await source.read();
  if (read.ok) throw new Error('it was read');
  expect(read.failure.kind).toBe('credential-refused');
  return read.failure.message.replaceAll(folder, '');
}

describe('a secret in a file', () => {
  it.each([
    ['as it is', 'abc', 'abc'],
    ['without the line break at its end', 'abc\n', 'abc'],
    ['without what editors on Windows add', '\uFEFFabc\r\n', 'abc'],
    ['with spaces and line breaks in its middle', ' a\nb ', ' a\nb '],
  ])('is read %s', async (_how, content, want) => {
    expect(await valueOf(inFile(content))).toBe(want);
  });

  it('is the same object until the file changes', async () => {
    const source = inFile('one');
    const first = await source.read();
    expect(await source.read()).toEqual(first);
    expect(first.ok && (await source.read()).ok).toBe(true);
    inFile('two');
    expect(await valueOf(source)).toBe('two');
  });

  it('is read anew after the links that lead to it are swapped', async () => {
    for (const version of ['one', 'two']) {
      mkdirSync(join(folder, version));
      writeFileSync(join(folder, version, 'token'), version);
    }
    symlinkSync('one', join(folder, 'data'));
    const source = secretSource({ file: join(folder, 'data', 'token') }, {});
    expect(await valueOf(source)).toBe('one');
    symlinkSync('two', join(folder, 'data_tmp'));
    renameSync(join(folder, 'data_tmp'), join(folder, 'data'));
    expect(await valueOf(source)).toBe('two');
  });

  it('is not remembered once its file is gone', async () => {
    const source = inFile('abc');
    await valueOf(source);
    rmSync(join(folder, 'token'));
    expect(await failureOf(source)).toBe(
      'cannot read the secret in file /token: there is no such file; create it, or correct the path',
    );
  });

  it.each([
    ['empty', '\n', 'it is empty; write the secret into it'],
    ['not text', Buffer.from([0xff, 0xfe]), 'it is not UTF-8 text; write the secret as plain text'],
    ['too large', 'x'.repeat(65_537), 'it has more than 65536 bytes; name the file with the secret'],
  ])('is refused where the file is %s', async (_what, content, want) => {
    expect(await failureOf(inFile(content))).toBe(`cannot read the secret in file /token: ${want}`);
  });

  it('is refused where the file is a folder', async () => {
    expect(await failureOf(secretSource({ file: folder }, {}))).toMatch(/it is a folder; name a file in it$/);
  });

  it('is refused where a part of the path is a file', async () => {
    inFile('x', 'a');
    const source = secretSource({ file: join(folder, 'a', 'b') }, {});
    expect(await failureOf(source)).toMatch(/part of its path is not a folder; correct the path$/);
  });

  it.each([0o400, 0o440, 0o600, 0o640, 0o644, 0o444])('is read with the mode %o', async (mode) => {
    const source = inFile('abc');
    chmodSync(join(folder, 'token'), mode);
    expect(await valueOf(source)).toBe('abc');
  });

  it('is refused where every user may replace it, from the moment that it is so', async () => {
    const source = inFile('abc');
    await valueOf(source);
    chmodSync(join(folder, 'token'), 0o646);
    expect(await failureOf(source)).toBe(
      'cannot read the secret in file /token: every user of this machine may write it (mode 0646); chmod o-w /token, or ' +
        'mount it read-only',
    );
    chmodSync(join(folder, 'token'), 0o644);
    expect(await valueOf(source)).toBe('abc');
  });

  it.skipIf(process.getuid?.() !== 0)('may belong to whoever brings it, such as a sidecar', async () => {
    const source = inFile('abc');
    chownSync(join(folder, 'token'), 100, 2_000);
    chmodSync(join(folder, 'token'), 0o640);
    expect(await valueOf(source)).toBe('abc');
  });

  it.skipIf(process.getuid?.() === 0)('is refused where the file may not be read', async () => {
    const source = inFile('abc');
    chmodSync(join(folder, 'token'), 0);
    expect(await failureOf(source)).toMatch(/it may not be read by this user; change its owner or mode$/);
  });
});

describe('a secret in an environment variable', () => {
  it('is read without a line break at its end', async () => {
    expect(await valueOf(secretSource({ env: 'TOKEN' }, { TOKEN: 'abc\n' }))).toBe('abc');
  });

  it('is refused where the variable is not set or empty', async () => {
    expect(await failureOf(secretSource({ env: 'TOKEN' }, {}))).toBe(
      'cannot read the secret in environment variable TOKEN: it is not set; set it, or correct the name',
    );
    expect(await failureOf(secretSource({ env: 'TOKEN' }, { TOKEN: '' }))).toBe(
      'cannot read the secret in environment variable TOKEN: it is empty; set it',
    );
  });
});
