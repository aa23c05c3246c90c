// Many accounts share one secret and are prepared together: AWS takes so many versions of it a day, and then nothing can be delivered.

import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Store } from '../../../src/ports/store.ts';
import { SecretBytes } from '../../../src/domain/secret.ts';
import { FakeClock } from '../../world/fake-clock.ts';
import { startFakeAws } from './fake-aws.ts';
import type { FakeAws } from './fake-aws.ts';
import { fakeSecret } from './fake-secret.ts';
import { endless, openStore, useStaticCredentials } from './open.ts';

const PLACE = { address: 'prod/app', options: {} };
const ACCOUNTS = 16;
/** With how many versions of a day a secret is left to what was minted already. */
const FULL = 90;
const KEPT_MS = 180_000;

let clock: FakeClock;
let aws: FakeAws;
let store: Store;
let versions: ReadonlyMap<string, string>;
let written = 0;

beforeEach(async () => {
  clock = new FakeClock();
  aws = await startFakeAws();
  useStaticCredentials();
  store = await openStore({ config: { endpoint: aws.url, region: 'eu-central-1' }, clock });
  ({ versions } = fakeSecret(aws, '{}', () => clock.now()));
});

afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await aws[Symbol.asyncDispose]();
});

const preflight = (realWrite = false) =>
  store.preflight(PLACE, { signal: endless(), size: 100, realWrite }).then(({ ok }) => ok);

const prepared = async (realWrite = false): Promise<number> => {
  const all = await Promise.all(Array.from({ length: ACCOUNTS }, () => preflight(realWrite)));
  return all.filter(Boolean).length;
};

async function write(count: number): Promise<void> {
  for (const _ of Array.from({ length: count })) {
    const writeToken = `0198c0de-0000-7000-8000-${String(++written).padStart(12, '0')}`;
    const bytes = new SecretBytes(Buffer.from(`{"n":${written}}`));
    const mark = { account: 'a', fingerprint: 'f' };
    await store.write(PLACE, bytes, { signal: endless(), writeToken, mark });
    clock.pass(1_000);
  }
}

it('finds room for no more of them together than there are versions left', async () => {
  await write(79);
  expect(versions.size).toBe(80);
  expect(await prepared()).toBe(FULL - 80);
});

it('counts what is written to try it', async () => {
  await write(79);
  const ready = await prepared(true);
  expect(ready).toBeGreaterThan(0);
  await write(ready);
  expect(versions.size).toBeLessThanOrEqual(FULL);
});

it('counts what was written once', async () => {
  await write(79);
  expect(await prepared()).toBe(10);
  await write(3);
  clock.pass(10_000);
  expect(await preflight()).toBe(false);
  clock.pass(KEPT_MS);
  expect(await prepared()).toBe(7);
});

it('keeps none for long of which nothing came', async () => {
  await write(79);
  expect(await prepared()).toBe(10);
  expect(await preflight()).toBe(false);
  clock.pass(KEPT_MS);
  expect(await preflight()).toBe(true);
});
