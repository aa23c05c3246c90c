// The words of docs/consumers.md about webhooks are those that hold: its code is run, its example is what is sent.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { endless, openConsumers } from '../open.ts';
import { startReceiver } from './receiver.ts';
import type { Received } from './receiver.ts';

const PAGE = join(import.meta.dirname, '../../../docs/consumers.md');
const KEY = `whsec_${Buffer.from('a-key-of-thirty-two-bytes-length').toString('base64')}`;

type Verify = (headers: Received['headers'], body: string, key: string, now?: number) => boolean;

async function blockOf(language: string): Promise<string> {
  const [, block] =
    new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(await readFile(PAGE, 'utf8')) ?? [];
  if (block === undefined) throw new Error(`${PAGE} has no block of ${language}`);
  return block;
}

/** The call that the page's example shows, as it is sent. */
async function called(): Promise<Received> {
  await using receiver = await startReceiver();
  await using connection = await openConsumers({
    kind: 'webhook',
    config: { url: receiver.url, signingKey: { env: 'KEY' } },
    environment: { KEY },
  });
  const { timestamp, data } = JSON.parse(await blockOf('json')) as {
    readonly timestamp: string;
    readonly data: Readonly<Record<'account' | 'target' | 'fingerprint' | 'rotation', string>>;
  };
  const { account, target, fingerprint, rotation } = data;
  await connection.refresh(
    {
      does: 'webhook',
      address: 'deploys',
      token: 'id-1',
      neededAt: Date.parse(timestamp),
      account,
      target,
      fingerprint,
      rotation,
    },
    { signal: endless() },
  );
  const [call] = receiver.received;
  if (call === undefined) throw new Error('it was not called');
  return call;
}

it('shows the very body that is sent', async () => {
  const want = JSON.parse((await blockOf('json')).replace('"rekeyd"', '"test"')) as unknown;
  expect(JSON.parse((await called()).body)).toEqual(want);
});

it('has code that takes a call of rekeyd, and none that was changed, is old or of another key', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rekeyd-page-'));
  const file = join(folder, 'verify.mjs');
  await writeFile(file, await blockOf('js'));
  const { isFromRekeyd: verify } = (await import(pathToFileURL(file).href)) as {
    readonly isFromRekeyd: Verify;
  };
  await rm(folder, { recursive: true });
  const { headers, body } = await called();
  const otherKey = `whsec_${Buffer.from('another-key-of-thirty-two-bytes-').toString('base64')}`;
  expect(verify(headers, body, KEY)).toBe(true);
  expect(
    verify({ ...headers, 'webhook-signature': `v1,abc ${String(headers['webhook-signature'])}` }, body, KEY),
  ).toBe(true);
  expect(verify(headers, `${body} `, KEY)).toBe(false);
  expect(verify(headers, body, otherKey)).toBe(false);
  expect(verify({ ...headers, 'webhook-id': 'id-2' }, body, KEY)).toBe(false);
  expect(verify(headers, body, KEY, Date.now() + 600_000)).toBe(false);
});
