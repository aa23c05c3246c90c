import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { check } from '../../src/cli/check.ts';
import type { Checked } from '../../src/cli/check.ts';
import { startReceiver } from '../consumers/webhook/receiver.ts';
import { fakeHost } from '../world/fake-host.ts';
import { checkWorld } from './check-world.ts';
import type { CheckWorld } from './check-world.ts';

let world: CheckWorld | undefined;

afterEach(async () => {
  await world?.[Symbol.asyncDispose]();
  world = undefined;
});

/** What is found of the consumers of two accounts that name the same webhook. */
async function foundOf(url: string): Promise<readonly unknown[]> {
  world = await checkWorld();
  const at = world;
  const key = join(at.folder, 'signing-key');
  await writeFile(key, `whsec_${Buffer.from('a-key-of-twenty-nine-or-more-bytes').toString('base64')}`, {
    mode: 0o600,
  });
  const named = [0, 1].flatMap((index) =>
    at.account(index).map((line) => line.replace('consumerLag: 30s', 'consumers: { webhook: [deploys] }')),
  );
  await at.configure(named, [
    'consumers:',
    `  deploys: { kind: webhook, url: "${url}/hooks", signingKey: { file: ${key} } }`,
  ]);
  const host = fakeHost();
  await check(host, { config: at.config, output: 'json' });
  const { findings } = JSON.parse(host.written()) as Checked;
  return findings
    .filter((finding) => finding.check === 'consumer')
    .map(({ outcome, subject, message }) => ({ outcome, subject, message }));
}

describe('the check of a consumer that two accounts name', () => {
  it('asks it once, and says it of both', async () => {
    const asked: string[] = [];
    await using receiver = await startReceiver();
    receiver.answer(({ method }, response) => {
      asked.push(method);
      response.writeHead(405).end();
    });
    const found = await foundOf(receiver.url);
    const wantMessage = `deploys webhook: the webhook deploys (${receiver.url}) answers (status 405 to HEAD), and there is a key`;
    expect(found).toEqual(
      [0, 1].map((index) => ({
        outcome: 'ok',
        subject: world?.kronup.accounts[index]?.name,
        message: wantMessage,
      })),
    );
    expect(asked).toEqual(['HEAD']);
  });

  it('warns of both where it cannot be reached', async () => {
    const { url } = await startReceiver().then(async (receiver) => {
      await receiver[Symbol.asyncDispose]();
      return receiver;
    });
    const found = await foundOf(url);
    expect(found).toEqual([
      expect.objectContaining({
        outcome: 'warning',
        message: expect.stringContaining('nothing listens there') as string,
      }),
      expect.objectContaining({ outcome: 'warning' }),
    ]);
  });
});
