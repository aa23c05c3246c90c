import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { trustedFile } from '../../src/system/trusted-file.ts';

/** Leads a link to the one file and to the other in turn, as fast as it can. */
const SWAPS = `
  const { renameSync, symlinkSync } = require('node:fs');
  const [link, ...files] = process.argv.slice(1);
  console.log('begun');
  for (let at = 0; ; at++) {
    symlinkSync(files[at % 2], link + '.new');
    renameSync(link + '.new', link);
  }`;

it('never brings what others may write, however fast a link is led elsewhere', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rekeyd-trusted-'));
  const [ours, theirs, link] = ['ours', 'theirs', 'link'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await writeFile(ours, 'ours', { mode: 0o600 });
  await writeFile(theirs, 'theirs');
  await chmod(theirs, 0o666);
  await symlink(ours, link);
  const swapping = spawn(process.execPath, ['-e', SWAPS, link, ours, theirs]);
  onTestFinished(async () => {
    swapping.kill();
    await once(swapping, 'exit');
    await rm(folder, { recursive: true });
  });
  await once(swapping.stdout, 'data');
  const texts = new Set<string>();
  for (let tried = 0; tried < 1_000; tried++) {
    const read = await trustedFile(link, 'the file');
    texts.add(read.ok ? read.value : 'refused');
  }
  expect([...texts]).not.toContain('theirs');
});
