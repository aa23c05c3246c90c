// The engine upon AWS Secrets Manager, stood in for by moto: documents that several accounts share.

import { CreateSecretCommand, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Target } from '../../src/domain/target.ts';
import { target } from '../builders/account.ts';
import { openStore, useStaticCredentials } from '../stores/aws-secrets-manager/open.ts';
import { describeContainers } from '../world/containers.ts';
import { engineWorld, MINUTE_MS } from '../world/engine-world.ts';
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
      key: (key: string) => target(`safe:${Name}`, { id: `safe:${Name}#${key}`, format: inKey(key) }),
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

interface Secret {
  /** A key of the document, as a target. */
  readonly key: (key: string) => Target;
  readonly document: () => Promise<Record<string, unknown>>;
}

function inKey(key: string): Target['format'] {
  return { kind: 'key', options: { key } };
}
