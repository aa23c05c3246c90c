import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askForToken, call, emulate, idOf } from './caller.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rekeyd-keycard-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('a Keycard emulator with a state file', () => {
  it('goes on where the one before was, whatever happened to that', async () => {
    const statePath = join(folder, 'state.json');
    const first = await emulate({ statePath });
    const id = idOf(first);
    const { body } = await call(first, `POST ORG/service-accounts/${id}/credentials`, {
      body: { name: 'made' },
    });
    const accessToken = (await askForToken(first)).body.access_token;
    // Another one that reads the file while the first lives is what a crash leaves.
    await using second = await emulate({ statePath });
    expect(second.manager.clientSecret.reveal()).toBe(first.manager.clientSecret.reveal());
    expect(second.credentials(id).map(({ name }) => name)).toEqual(['first', 'made']);
    expect(second.liveCredential(id).clientSecret.reveal()).toBe(body.client_secret);
    const authorization = `Bearer ${accessToken}`;
    expect((await call(second, 'GET /organizations', { authorization })).status).toBe(200);
    await first[Symbol.asyncDispose]();
  });

  it('keeps it for its owner only, without any client secret', async () => {
    const statePath = join(folder, 'state.json');
    await using emulator = await emulate({ statePath });
    expect((await stat(statePath)).mode & 0o777).toBe(0o600);
    expect(await readFile(statePath, 'utf8')).not.toContain(emulator.manager.clientSecret.reveal());
  });

  it('adds accounts where there are to be more, after all that were made', async () => {
    const statePath = join(folder, 'state.json');
    {
      await using emulator = await emulate({ statePath, accounts: 1 });
      await call(emulator, 'POST ORG/service-accounts', { body: { name: 'made' } });
    }
    await using emulator = await emulate({ statePath, accounts: 2 });
    const { body } = await call(emulator, 'GET ORG/service-accounts?limit=3');
    const rest = await call(
      emulator,
      `GET ORG/service-accounts?after=${String(body.page_info['end_cursor'])}`,
    );
    const listed = [...body.items, ...rest.body.items].map(({ name }) => name);
    expect(listed).toEqual(['rekeyd', 'billing-api', 'made', 'checkout-web']);
  });

  it.each([
    ['no state', '{"format":2}', 'not the state of a Keycard emulator'],
    ['no JSON', '{', 'no JSON'],
  ])('refuses a file that is %s', async (_, text, words) => {
    const statePath = join(folder, 'state.json');
    await writeFile(statePath, text);
    await expect(emulate({ statePath })).rejects.toThrow(words);
  });

  it('refuses the file of another organisation', async () => {
    const statePath = join(folder, 'state.json');
    await (await emulate({ statePath }))[Symbol.asyncDispose]();
    await expect(emulate({ statePath, organisation: 'other' })).rejects.toThrow('belongs to organisation');
  });
});
