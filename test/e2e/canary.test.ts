// A credential is in no output, answer or file but its targets: through successes and failures, and through crashes.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { filesIn, formsOf, leaks, outputsOf } from '../world/canary.ts';
import { canaryWorld, FOREIGN, OTHER_MANAGER } from '../world/canary-world.ts';
import type { CanaryWorld } from '../world/canary-world.ts';

const REGENERATE = 'serviceAccountRegenerate';
const JWT = `eyJ${'h'.repeat(30)}.eyJ${'payload-'.repeat(5)}.${'sign_-'.repeat(6)}`;

/** An old token, of which the daemon has never heard. */
const LEAKED = `eyJ${'a'.repeat(30)}.eyJ${'b'.repeat(40)}.${'c'.repeat(40)}`;

describe('this test', () => {
  it.each([
    ['as it is', JWT],
    ['in a header', `Bearer ${JWT}`],
    ['at the first place of base64', Buffer.from(`idx${JWT}`).toString('base64')],
    ['at the second place of base64', Buffer.from(`{"a":"${JWT}"}`).toString('base64')],
    ['at the third place of base64', Buffer.from(`id${JWT}`).toString('base64url')],
    ['by its signature', JWT.split('.')[2] ?? ''],
    ['URL-encoded', encodeURIComponent(FOREIGN)],
    [
      'URL-encoded in lower case',
      encodeURIComponent(FOREIGN).replaceAll(/%../g, (code) => code.toLowerCase()),
    ],
    ['as a form', new URLSearchParams({ is: FOREIGN }).toString()],
    ['in JSON', JSON.stringify({ is: FOREIGN })],
    ['in JSON within JSON', JSON.stringify(JSON.stringify({ is: FOREIGN }))],
    ['by one half', FOREIGN.slice(26)],
    ['as a JWT that it does not know', LEAKED],
  ])('finds a credential %s', (_, content) => {
    expect(leaks([{ name: 'here', content: `before ${content} after` }], [JWT, FOREIGN])).toEqual(['here']);
  });

  it('finds nothing where there is nothing, and looks for no short text', () => {
    expect(leaks([{ name: 'here', content: 'nothing' }], [JWT, FOREIGN])).toEqual([]);
    expect([JWT, FOREIGN].flatMap(formsOf).every((form) => form.length >= 20)).toBe(true);
  });

  it('finds what is planted in files of a daemon, in the midst of other bytes', async () => {
    const world = await canaryWorld();
    const token = await world.live(0);
    const database = new DatabaseSync(join(world.folder, 'journal.db'));
    database.exec('create table planted (text)');
    database.prepare('insert into planted values (?)').run(`${'x'.repeat(9_000)}${token}`);
    database.close();
    await writeFile(
      join(world.folder, 'other.bin'),
      Buffer.concat([Buffer.alloc(5_000, 7), Buffer.from(FOREIGN)]),
    );
    expect(leaks(await world.files(), world.credentials)).toEqual([
      join(world.folder, 'journal.db'),
      join(world.folder, 'other.bin'),
    ]);
    expect(leaks(await filesIn(world.folder, []), world.credentials)).toHaveLength(5);
  });
});

/** Each effect of a mint, and each failure of it, with everything repeated by the services. */
async function goThrough(world: CanaryWorld, daemon: Awaited<ReturnType<CanaryWorld['start']>>) {
  for (const status of [403, 429, 400]) {
    world.repeat(REGENERATE, status);
    const from = daemon.log.length;
    await world.rotate(world.good.name);
    await daemon.line({ event: 'mint-refused' }, from);
  }
  for (const status of [500, 302, 418]) world.repeat('serviceAccountList', status);
  const recovered = await world.rotate(world.good.name, { wait: '20s' });
  expect(recovered.rotation.rotation?.outcome).toBe('succeeded');
  await world.remember();
  world.repeat(REGENERATE, 502, 'after');
  await world.rotate(world.good.name, { wait: '20s' });
  await world.remember();
}

describe('a credential', () => {
  it('is in nothing that a daemon writes or answers, through successes and failures', async () => {
    const world = await canaryWorld();
    await world.configureAll();
    const daemon = await world.start();
    await daemon.line({ event: 'target-foreign', account: world.foreign.name });
    await daemon.line({ event: 'manager-refused', provider: 'other' });
    await daemon.line({ event: 'target-confirmed', target: 'aws:prod/app' });
    await goThrough(world, daemon);
    const shown = await world.answers(daemon);
    await daemon.kill();
    const inFiles = await world.files();

    const again = await world.start();
    const more = await world.answers(again);
    again.signal('SIGTERM');
    expect(await again.ended).toEqual({ code: 0 });
    const outputs = outputsOf(daemon, again);
    const places = [...shown, ...more, ...outputs, ...inFiles, ...(await world.files())];
    expect(outputs.every(({ content }) => content.length > 100)).toBe(true);
    expect(inFiles.map(({ name }) => name)).toContain(`${world.folder}/journal.db-wal`);
    expect(outputs[0]?.content).toContain('AccessDeniedException');
    expect(leaks(await filesIn(world.folder, []), world.credentials)).not.toEqual([]);
    expect(leaks(places, world.credentials)).toEqual([]);
  });

  it.each(['an error that is thrown', 'a rejection that nobody handles', 'a rejection without an error'])(
    'is not in what a daemon leaves behind that ends by %s',
    async (how) => {
      const world = await canaryWorld({ crash: JSON.stringify({ how, jwt: LEAKED, opaque: OTHER_MANAGER }) });
      await world.configureAll();
      const daemon = await world.start();
      await daemon.line({ event: 'target-confirmed' });
      process.kill(daemon.pid, 'SIGUSR2');
      expect(await daemon.ended).toEqual({ code: 1 });
      expect(daemon.errors()).toContain('rekeyd: an unexpected error; this is a bug, please report it');
      const places = [{ name: 'output', content: daemon.output() }, ...(await world.files())];
      expect(leaks(places, [...world.credentials, LEAKED])).toEqual([]);
    },
  );
});
