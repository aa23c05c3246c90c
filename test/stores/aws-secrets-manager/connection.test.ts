// How the store reaches AWS: whose certificates it trusts, and by way of which proxy.

import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../../src/ports/store.ts';
import { TEST_CERTIFICATE } from '../../world/certificate.ts';
import { startFakeAws } from './fake-aws.ts';
import { endless, openStore, useStaticCredentials } from './open.ts';

const PLACE = { address: 'prod/app', options: {} };
const CURRENT = { json: { ARN: 'arn', VersionId: 'v1', SecretString: 'value' } };

beforeEach(() => {
  useStaticCredentials();
});

describe('a server whose certificate is of an authority of one’s own', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rekeyd-'));
  });
  afterEach(async () => await rm(folder, { recursive: true }));

  it('is trusted when the authority is named', async () => {
    const ca = join(folder, 'ca.pem');
    await writeFile(ca, TEST_CERTIFICATE);
    await using aws = await startFakeAws({ tls: true });
    aws.on('GetSecretValue', CURRENT);
    await using store = await openStore({ config: { endpoint: aws.url, region: 'eu-central-1', ca } });
    expect(await read(store)).toMatchObject({ ok: true, value: { version: 'v1' } });
  });

  it('is not trusted where others may write the file that names it', async () => {
    const ca = join(folder, 'ca.pem');
    await writeFile(ca, TEST_CERTIFICATE);
    await chmod(ca, 0o666);
    await using aws = await startFakeAws({ tls: true });
    await using store = await openStore({ config: { endpoint: aws.url, region: 'eu-central-1', ca } });
    const result = await read(store);
    expect(result.ok ? '' : result.failure.message).toContain(`${ca} are not trusted: others may write it`);
    expect(aws.calls).toEqual([]);
  });

  it('is not trusted otherwise, and the failure says what to look at', async () => {
    await using aws = await startFakeAws({ tls: true });
    await using store = await openStore({ config: { endpoint: aws.url, region: 'eu-central-1' } });
    const result = await read(store);
    expect(result).toMatchObject({ ok: false, failure: { kind: 'not-connected' } });
    expect(result.ok ? '' : result.failure.message).toMatch(/certificate is .*endpoint and ca/);
    expect(aws.calls).toEqual([]);
  });
});

describe('a proxy that the environment names', () => {
  it('is gone through', async () => {
    const asked: (string | undefined)[] = [];
    const proxy = createServer((request, response) => {
      asked.push(request.url);
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      response.end(JSON.stringify(CURRENT.json));
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const environment = { HTTP_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
    const config = { endpoint: 'http://secretsmanager.example:80', region: 'eu-central-1' };
    const store = await openStore({ config, environment });
    expect(await read(store)).toMatchObject({ ok: true, value: { version: 'v1' } });
    expect(asked).toEqual(['http://secretsmanager.example/']);
    await store[Symbol.asyncDispose]();
    proxy.close();
  });
});

describe('the region', () => {
  it('is the environment’s where the configuration names none', async () => {
    await using aws = await startFakeAws();
    const environment = { AWS_REGION: 'ap-southeast-2' };
    await using store = await openStore({ config: { endpoint: aws.url }, environment });
    const who = await store.whoAmI({ signal: endless() });
    expect(who.ok && who.value).toMatch(/ in ap-southeast-2$/);
  });

  it('is asked for in words where nobody names one', async () => {
    await using aws = await startFakeAws();
    await using store = await openStore({ config: { endpoint: aws.url } });
    const result = await read(store);
    expect(result.ok ? '' : result.failure.message).toMatch(/Region is missing.*see the store’s region/);
  });
});

function read(store: Store): ReturnType<Store['read']> {
  return store.read(PLACE, { signal: endless() });
}
