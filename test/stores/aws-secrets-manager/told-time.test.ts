// What time it is at AWS, as its answers say.

import { beforeEach, describe, expect, it } from 'vitest';
import type { ToldTime } from '../../../src/ports/clock.ts';
import { startFakeAws } from './fake-aws.ts';
import type { Answer } from './fake-aws.ts';
import { endless, openStore, useStaticCredentials } from './open.ts';

const DATED = { date: 'Mon, 05 Jan 2026 00:10:00 GMT', 'x-amzn-requestid': 'request-1' };
const CURRENT = { ARN: 'arn', VersionId: 'v1', SecretString: 'value' };

beforeEach(() => {
  useStaticCredentials();
});

/** What was told of the time while a secret was read, which was answered like this. */
async function toldBy(answer: Answer): Promise<readonly ToldTime[]> {
  const told: ToldTime[] = [];
  await using aws = await startFakeAws();
  aws.on('GetSecretValue', answer);
  const config = { endpoint: aws.url, region: 'eu-central-1' };
  await using store = await openStore({ config, onTime: (time) => told.push(time) });
  await store.read({ address: 'prod/app', options: {} }, { signal: endless() });
  return told;
}

describe('an answer of AWS', () => {
  it('tells the time there, and when it was asked for', async () => {
    const [told, ...more] = await toldBy({ json: CURRENT, headers: DATED });
    expect(told?.date).toBe(Date.parse('2026-01-05T00:10:00.500Z'));
    expect(told?.receivedAt).toBeGreaterThanOrEqual(told?.sentAt ?? Number.POSITIVE_INFINITY);
    expect(more).toEqual([]);
  });

  it('tells it as a refusal as well', async () => {
    const refusal = { __type: 'ResourceNotFoundException', message: 'no such secret' };
    expect(await toldBy({ status: 400, json: refusal, headers: DATED })).toHaveLength(1);
  });

  it('is not believed where a cache kept it, or where something else gave it', async () => {
    expect(await toldBy({ json: CURRENT, headers: { ...DATED, age: '3' } })).toEqual([]);
    expect(await toldBy({ json: CURRENT, headers: { date: DATED.date } })).toEqual([]);
  });
});

describe('who AWS takes us for', () => {
  it('is asked once, and again by whoever wants to know what time it is there', async () => {
    await using aws = await startFakeAws();
    await using store = await openStore({ config: { endpoint: aws.url, region: 'eu-central-1' } });
    const asked = () => aws.calls.filter(({ action }) => action === 'GetCallerIdentity').length;
    for (let call = 0; call < 2; call++) await store.whoAmI({ signal: endless() });
    expect(asked()).toBe(1);
    await store.whoAmI({ signal: endless(), again: true });
    expect(asked()).toBe(2);
  });
});
