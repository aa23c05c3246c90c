// Both clients on a network that delays, drops, cuts and trickles what they send and get. On the real clock, with short limits.

import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { startKronupEmulator } from '../../src/emulators/kronup/emulator.ts';
import { SecretBytes } from '../../src/domain/secret.ts';
import { kronupClient } from '../../src/providers/kronup/client.ts';
import { systemClock } from '../../src/system/clock.ts';
import { systemRandom } from '../../src/system/random.ts';
import { failureIn, never, openClient, valueOf } from '../providers/kronup/kronup-world.ts';
import { startFakeAws } from '../stores/aws-secrets-manager/fake-aws.ts';
import { endless, openStore, useStaticCredentials } from '../stores/aws-secrets-manager/open.ts';
import { describeContainers } from '../world/containers.ts';
import { startToxiproxy } from '../world/toxiproxy.ts';
import type { Attributes, Toxiproxy, ToxicType } from '../world/toxiproxy.ts';

type Fault = readonly [ToxicType, 'upstream' | 'downstream', Attributes];

/** A kilobyte a second lets no page of accounts through in time. */
const ACCOUNTS = 40;
const EVERYWHERE = '0.0.0.0';

describeContainers('a network with faults', () => {
  let way: Toxiproxy;
  beforeAll(async () => {
    way = await startToxiproxy();
  });
  afterAll(async () => await way[Symbol.asyncDispose]());

  describe('between the Kronup client and Kronup', () => {
    async function world() {
      const clock = systemClock();
      const kronup = await startKronupEmulator({
        clock,
        random: systemRandom(),
        host: EVERYWHERE,
        accounts: ACCOUNTS,
      });
      onTestFinished(() => kronup[Symbol.asyncDispose]());
      await way.leadTo(kronup.port);
      const url = `http://${way.address}/v1`;
      const config = { timeout: '1s', insecure: true };
      const { options } = openClient({ url, config, token: kronup.manager.token });
      const client = kronupClient({ ...options, clock });
      onTestFinished(() => client[Symbol.asyncDispose]());
      const id = kronup.accounts[0]?.id ?? '';
      return { kronup, client, id, mint: () => client.regenerate(id, { signal: never }) };
    }

    it.each<readonly [string, Fault, { readonly mints: readonly number[]; readonly why: RegExp }]>([
      ['delays the answer', ['latency', 'downstream', { latency: 5_000 }], { mints: [1], why: /within 1s/ }],
      ['drops the answer', ['timeout', 'downstream', { timeout: 0 }], { mints: [1], why: /within 1s/ }],
      ['drops the request', ['timeout', 'upstream', { timeout: 0 }], { mints: [0], why: /within 1s/ }],
      [
        'closes on the answer',
        ['timeout', 'downstream', { timeout: 100 }],
        { mints: [1], why: /UND_ERR_SOCKET/ },
      ],
      [
        'resets the connection',
        ['reset_peer', 'downstream', { timeout: 0 }],
        { mints: [0, 1], why: /UND_ERR|ECONN/ },
      ],
      [
        'cuts the answer',
        ['limit_data', 'downstream', { bytes: 250 }],
        { mints: [1], why: /UND_ERR_SOCKET/ },
      ],
      ['cuts the request', ['limit_data', 'upstream', { bytes: 60 }], { mints: [0], why: /UND_ERR_SOCKET/ }],
    ])('that %s leaves unknown whether a mint was made; looking finds out', async (_, fault, want) => {
      const { kronup, client, id, mint } = await world();
      const before = await kronup.liveToken(id);
      await way.add(...fault);
      const failure = failureIn(await mint());
      expect(failure.kind).toBe('no-answer');
      expect(failure.message).toMatch(want.why);
      expect(want.mints).toContain(kronup.mints());
      await way.leadTo(kronup.port);
      const seen = valueOf(await client.read(id, { signal: never })).value.serviceToken;
      expect(seen?.reveal()).toBe((await kronup.liveToken(id)).reveal());
      expect(seen?.reveal() === before.reveal()).toBe(kronup.mints() === 0);
    });

    it('that trickles lets no long answer through, and ends each try in time', async () => {
      const { client } = await world();
      await way.add('bandwidth', 'downstream', { rate: 1 });
      const page = await client.list({ signal: never }).next();
      const failure = page.done === true ? undefined : failureIn(page.value);
      expect(failure).toMatchObject({ kind: 'no-answer' });
      expect(failure?.message).toContain('no whole answer came within 1s');
    });

    it('that closes late keeps nobody waiting for an answer that is whole', async () => {
      const { kronup, mint } = await world();
      await way.add('slow_close', 'downstream', { delay: 20_000 });
      valueOf(await mint());
      expect(kronup.mints()).toBe(1);
    });
  });

  describe('between the store and AWS', () => {
    const PLACE = { address: 'prod/app', options: {} };
    const TOKEN = '0198c0de-0000-7000-8000-000000000001';
    const LONG = { json: { ARN: 'arn', VersionId: 'v1', SecretString: 'x'.repeat(60_000) } };
    beforeEach(() => {
      useStaticCredentials();
    });

    async function world() {
      const aws = await startFakeAws({ host: EVERYWHERE });
      onTestFinished(() => aws[Symbol.asyncDispose]());
      aws.on('GetSecretValue', LONG);
      aws.on('PutSecretValue', { json: { ARN: 'arn', VersionId: TOKEN, VersionStages: ['AWSCURRENT'] } });
      await way.leadTo(Number(new URL(aws.url).port));
      const config = { endpoint: `http://${way.address}`, region: 'eu-central-1', timeout: '1s' };
      const store = await openStore({ config });
      onTestFinished(() => store[Symbol.asyncDispose]());
      const asked = { signal: endless(), writeToken: TOKEN };
      return {
        write: () => store.write(PLACE, new SecretBytes('value'), asked),
        read: () => store.read(PLACE, asked),
      };
    }

    it.each<readonly [string, Fault, RegExp]>([
      ['delays answers', ['latency', 'downstream', { latency: 5_000 }], /no answer within 1000 ms/],
      ['drops answers', ['timeout', 'downstream', { timeout: 0 }], /no answer within 1000 ms/],
      ['drops requests', ['timeout', 'upstream', { timeout: 0 }], /no answer within 1000 ms/],
      ['resets connections', ['reset_peer', 'downstream', { timeout: 0 }], /the connection broke/],
      ['cuts answers', ['limit_data', 'downstream', { bytes: 60 }], /the connection broke/],
      ['trickles', ['bandwidth', 'downstream', { rate: 1 }], /no answer within 1000 ms/],
    ])('that %s makes the store unavailable, in time', async (_, fault, want) => {
      const { read } = await world();
      await way.add(...fault);
      const failure = failureIn(await read());
      expect(failure.kind).toBe('store-unavailable');
      expect(failure.message).toMatch(/^secretsmanager:GetSecretValue on prod\/app in eu-central-1 failed: /);
      expect(failure.message).toMatch(want);
    });

    it('that closes late keeps nobody waiting for an answer that is whole', async () => {
      const { write } = await world();
      await way.add('slow_close', 'downstream', { delay: 20_000 });
      expect(await write()).toMatchObject({ ok: true, value: { outcome: 'written' } });
    });
  });
});
