// The engine upon AWS Secrets Manager, stood in for by moto and, where many accounts share a document, by a small server.

import { CreateSecretCommand, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Target } from '../../src/domain/target.ts';
import { target } from '../builders/account.ts';
import { error, startFakeAws } from '../stores/aws-secrets-manager/fake-aws.ts';
import { fakeSecret } from '../stores/aws-secrets-manager/fake-secret.ts';
import { openStore, useStaticCredentials } from '../stores/aws-secrets-manager/open.ts';
import { describeContainers } from '../world/containers.ts';
import { engineWorld, HOUR_MS, HOURLY, MINUTE_MS } from '../world/engine-world.ts';
import type { EngineWorld } from '../world/engine-world.ts';
import { MOTO_REGION, startMoto } from '../world/moto.ts';
import type { Moto } from '../world/moto.ts';

describeContainers('documents in AWS Secrets Manager', () => {
  let moto: Moto;
  beforeAll(async () => {
    moto = await startMoto();
  });
  afterAll(async () => await moto[Symbol.asyncDispose]());

  /** A secret that holds this document, with an engine that has it as the store `safe`. */
  async function secretWorld(document: object): Promise<EngineWorld & Secret> {
    useStaticCredentials();
    const config = { endpoint: moto.url, region: MOTO_REGION };
    const world = await engineWorld({ safe: (clock) => openStore({ config, clock }) });
    const Name = `shared/${randomUUID()}`;
    await moto.client.send(new CreateSecretCommand({ Name, SecretString: JSON.stringify(document) }));
    return Object.assign(world, {
      key: (key: string) => keyOf(Name, key),
      async document() {
        const current = { SecretId: Name, VersionStage: 'AWSCURRENT' };
        const { SecretString } = await moto.client.send(new GetSecretValueCommand(current));
        return JSON.parse(SecretString ?? '') as Record<string, unknown>;
      },
    });
  }

  it('of 40 KiB are preflighted and delivered to', async () => {
    const others = 'x'.repeat(40 * 1_024);
    await using world = await secretWorld({ others });
    const billing = world.account(0, { targets: [world.key('token')] });
    await world.configure(billing);
    await world.advance(MINUTE_MS);
    await world.ask(billing, 'rotate');
    const live = await world.kronup.liveToken(billing.accountIds[0]);
    expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
    expect(await world.document()).toEqual({ others, token: live.reveal() });
  });
});

describe('a secret in AWS Secrets Manager that was there and is gone', () => {
  it('is not minted for while it may not be made, however lately it was written', async () => {
    useStaticCredentials();
    await using aws = await startFakeAws();
    const config = { endpoint: aws.url, region: MOTO_REGION };
    await using world = await engineWorld({ safe: (clock) => openStore({ config, clock }) });
    fakeSecret(aws, '{}', () => world.clock.now());
    const made = { ...keyOf('gone', 'token'), options: { create: true } };
    const billing = world.account(0, { targets: [made] });
    await world.configure(billing);
    await world.advance(MINUTE_MS);
    await world.ask(billing, 'rotate');
    expect(world.kronup.mints()).toBe(1);
    for (const action of ['GetSecretValue', 'DescribeSecret', 'PutSecretValue', 'ListSecretVersionIds'])
      aws.on(action, error('ResourceNotFoundException', 'no such secret'));
    aws.on('CreateSecret', error('AccessDeniedException', 'not authorized'));
    await world.advance(15 * MINUTE_MS);
    await world.ask(billing, 'rotate');
    expect(world.kronup.mints()).toBe(1);
  });
});

describe('a document in AWS Secrets Manager that many accounts share', () => {
  it('gets one version for each of them that rotates at one slot, and each account its key', async () => {
    useStaticCredentials();
    await using aws = await startFakeAws();
    const config = { endpoint: aws.url, region: MOTO_REGION };
    await using world = await engineWorld({
      emulator: { accounts: 10 },
      safe: (clock) => openStore({ config, clock }),
    });
    const secret = fakeSecret(aws, '{}', () => world.clock.now());
    const writes = () =>
      aws.calls.filter(({ action, body }) => action === 'PutSecretValue' && isWrite(body)).length;
    const accounts = Array.from({ length: 10 }, (_, index) =>
      world.account(index, { schedule: HOURLY, targets: [keyOf('shared', `k${index}`)] }),
    );
    await world.configure(...accounts);
    await world.advance(MINUTE_MS);
    const before = writes();
    await world.advance(HOUR_MS);
    const want: Record<string, string> = {};
    for (const [index, { accountIds }] of accounts.entries()) {
      want[`k${index}`] = (await world.kronup.liveToken(accountIds[0])).reveal();
    }
    expect(world.kronup.mints()).toBe(10);
    expect(JSON.parse(secret.current())).toEqual(want);
    expect(writes() - before).toBe(10);
    expect(world.factsOf('target-failed')).toEqual([]);
  });
});

interface Secret {
  /** A key of the document, as a target. */
  readonly key: (key: string) => Target;
  readonly document: () => Promise<Record<string, unknown>>;
}

/** As opposed to a trial. */
function isWrite({ VersionStages }: Readonly<Record<string, unknown>>): boolean {
  return !(VersionStages as readonly string[]).includes('rekeyd-probe');
}

/** A key of the secret's document. */
function keyOf(name: string, key: string): Target {
  return target(`safe:${name}`, { id: `safe:${name}#${key}`, format: { kind: 'key', options: { key } } });
}
