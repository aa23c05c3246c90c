// Credentials that are handed over by hand to AWS Secrets Manager, stood in for by moto.

import { CreateSecretCommand, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EXIT } from '../../src/ports/host.ts';
import { useStaticCredentials } from '../stores/aws-secrets-manager/open.ts';
import { describeContainers } from '../world/containers.ts';
import { MOTO_REGION, startMoto } from '../world/moto.ts';
import type { Moto } from '../world/moto.ts';
import { serviceAccountWorld } from './service-account-world.ts';

describeContainers('a credential handed over to keys of one AWS secret', () => {
  let moto: Moto;
  beforeAll(async () => {
    moto = await startMoto();
  });
  afterAll(async () => await moto[Symbol.asyncDispose]());

  it('is in all of them, whichever way the secret is named', async () => {
    useStaticCredentials();
    await using at = await serviceAccountWorld({ accounts: 0 });
    const Name = `by-hand/${randomUUID()}`;
    const secret = new CreateSecretCommand({ Name, SecretString: '{"other":1}' });
    const { ARN = '' } = await moto.client.send(secret);
    const store = `{ kind: aws-secrets-manager, region: ${MOTO_REGION}, endpoint: '${moto.url}' }`;
    await at.configure([], [`  aws: ${store}`, 'probes: { address: 127.0.0.1:0 }']);
    const places = [`${Name}#a`, `${Name}#b`, `${ARN}#c`];
    const to = places.flatMap((place) => ['--deliver', `aws:${place}`]);
    const asked = ['--name', 'fresh', '--role', 'member', ...to, '-o', 'json'];
    const { code, output, errors } = await at.run('sa', 'create', ...asked);
    expect(errors).toBe('');
    expect(code).toBe(EXIT.ok);
    const { id } = JSON.parse(output) as { id: string };
    const token = (await at.kronup.liveToken(id)).reveal();
    const current = { SecretId: Name, VersionStage: 'AWSCURRENT' };
    const { SecretString } = await moto.client.send(new GetSecretValueCommand(current));
    expect(JSON.parse(SecretString ?? '')).toEqual({ other: 1, a: token, b: token, c: token });
  });
});
