// What a preflight tells of a secret that is gone.

import { expect, it } from 'vitest';
import { error, startFakeAws } from './fake-aws.ts';
import { endless, openStore, useStaticCredentials } from './open.ts';

it('counts no write to a secret that was there as a proof that it can be made once it is gone', async () => {
  await using aws = await startFakeAws();
  useStaticCredentials();
  await using store = await openStore({ config: { endpoint: aws.url, region: 'eu-central-1' } });
  aws.on('ListSecretVersionIds', { json: { ARN: 'arn', Versions: [] } });
  aws.on('DescribeSecret', { json: { ARN: 'arn', Name: 'prod/app' } });
  const place = { address: 'prod/app', options: { create: true } };
  const asked = { signal: endless(), size: 10, realWrite: false };
  const there = await store.preflight(place, asked);
  aws.on('DescribeSecret', error('ResourceNotFoundException', 'no such secret'));
  const gone = await store.preflight(place, asked);
  expect([there.ok, gone.ok]).toEqual([true, true]);
  expect(gone.ok && gone.value.identity).not.toBe(there.ok && there.value.identity);
});
