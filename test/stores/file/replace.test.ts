import { mkdtemp, open, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { succeeded } from '../../../src/domain/failure.ts';
import { replaceFile } from '../../../src/stores/file/replace.ts';
import type { NewFile } from '../../../src/stores/file/replace.ts';
import { applyAttributes } from '../../../src/stores/file/attributes.ts';

let folder: string;
let file: Omit<NewFile, 'mayReplace'>;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rekeyd-replace-'));
  file = {
    folder,
    path: join(folder, 'token'),
    temporary: join(folder, '.token.rekeyd'),
    bytes: new TextEncoder().encode('new'),
    attributes: { mode: 0o600, uid: undefined, gid: undefined },
    signal: new AbortController().signal,
  };
  await writeFile(file.path, 'old');
});
afterEach(async () => await rm(folder, { recursive: true }));

describe('replacing a file', () => {
  it('has the whole new file ready beside the old one before it asks whether it may replace it', async () => {
    const seen: string[] = [];
    const mayReplace = async () => {
      seen.push(await readFile(file.path, 'utf8'), await readFile(file.temporary, 'utf8'));
      return succeeded(true);
    };
    await replaceFile({ ...file, mayReplace });
    expect(seen).toEqual(['old', 'new']);
    expect(await whatIsThere()).toEqual({ token: 'new' });
  });

  it('leaves everything as it was where it may not', async () => {
    const result = await replaceFile({ ...file, mayReplace: async () => succeeded(false) });
    expect(result).toEqual({ ok: true, value: undefined });
    expect(await whatIsThere()).toEqual({ token: 'old' });
  });

  it('leaves everything as it was when it is aborted before the last moment', async () => {
    const controller = new AbortController();
    const wantReason = new Error('stopped by the test');
    const mayReplace = async () => {
      controller.abort(wantReason);
      return succeeded(true);
    };
    await expect(replaceFile({ ...file, signal: controller.signal, mayReplace })).rejects.toBe(wantReason);
    expect(await whatIsThere()).toEqual({ token: 'old' });
  });

  it('does not put into place what another process left under its temporary name', async () => {
    const mayReplace = async () => {
      await writeFile(join(folder, 'half'), 'half of a val');
      await rename(join(folder, 'half'), file.temporary);
      return succeeded(true);
    };
    const result = await replaceFile({ ...file, mayReplace });
    expect(result.ok ? '' : result.failure.message).toMatch(/another process took its temporary file away/);
    expect(await readFile(file.path, 'utf8')).toBe('old');
  });

  it('fails where another process removed its temporary file', async () => {
    const mayReplace = async () => {
      await rm(file.temporary);
      return succeeded(true);
    };
    const result = await replaceFile({ ...file, mayReplace });
    expect(result.ok ? '' : result.failure.kind).toBe('store-unavailable');
    expect(await whatIsThere()).toEqual({ token: 'old' });
  });
});

async function whatIsThere(): Promise<Record<string, string>> {
  const names = await readdir(folder);
  const entries = names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const);
  return Object.fromEntries(await Promise.all(entries));
}

describe('a file that is made for somebody else', () => {
  it('is at no time for the group of the daemon to open, and is given away last', async () => {
    const held = await open(file.path, 'r');
    const made = await held.stat();
    await held.close();
    const calls: string[] = [];
    const handle = {
      stat: async () => made,
      chmod: async (mode: number) => void calls.push(`mode ${mode.toString(8)}`),
      chown: async (uid: number, gid: number) => void calls.push(`${uid - made.uid}:${gid - made.gid}`),
    } as unknown as Parameters<typeof applyAttributes>[0];
    const wanted = { mode: 0o640, uid: made.uid + 1, gid: made.gid + 2 };
    expect(await applyAttributes(handle, file.path, wanted)).toMatchObject({ ok: true });
    expect(calls).toEqual(['0:2', 'mode 640', '1:2']);
  });
});
