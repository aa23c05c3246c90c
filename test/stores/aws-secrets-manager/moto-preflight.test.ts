// What a preflight finds out and tries, and as whom, against moto.

import {
  CreateSecretCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
  ReplicateSecretToRegionsCommand,
  RotateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { describeContainers } from '../../world/containers.ts';
import { MOTO_ACCOUNT, MOTO_REGION } from '../../world/moto.ts';
import { endless } from './open.ts';
import { failureIn, useMotoWorld } from './moto-world.ts';
import type { World } from './moto-world.ts';

const ROLE = `arn:aws:iam::${MOTO_ACCOUNT}:role/rekeyd`;

describeContainers('before a write to AWS Secrets Manager', () => {
  const world = useMotoWorld();
  describeTrying(world);
  describeRefusing(world);
  describeReading(world);
  describeRole(world);
});

function describeTrying(world: () => World): void {
  describe('a preflight', () => {
    it('makes a version of its own each time, and leaves no label on it', async () => {
      const { write, preflight, labels } = world();
      await write('value');
      await preflight();
      await preflight();
      const withoutLabel = Object.values(await labels()).filter((stages) => stages.length === 0);
      expect(withoutLabel).toHaveLength(2);
    });

    it('takes the label off that one left which was killed', async () => {
      const { moto, place, write, preflight, labels } = world();
      const [current, tried] = [randomUUID(), randomUUID()];
      await write('value', { writeToken: current });
      const more = { ClientRequestToken: tried, VersionStages: ['rekeyd-probe'] };
      await moto.client.send(
        new PutSecretValueCommand({ SecretId: place.address, SecretString: 'value', ...more }),
      );
      await preflight({ realWrite: false });
      expect(await labels()).toEqual({ [current]: ['AWSCURRENT'], [tried]: [] });
    });

    it('makes a missing secret without a value when a real write is asked for', async () => {
      const { preflight, description } = world();
      expect(await preflight()).toMatchObject({ ok: true, value: { wrote: true } });
      expect((await description()).VersionIdsToStages).toBeUndefined();
    });

    it('is content with a secret that it made without a value before, and died then', async () => {
      const { preflight, write, description } = world();
      await preflight();
      expect(await preflight()).toMatchObject({ ok: true, value: { wrote: true } });
      expect((await description()).VersionIdsToStages).toBeUndefined();
      await expect(write('value')).resolves.toMatchObject({ ok: true });
    });

    it('makes nothing when no real write is asked for', async () => {
      const { preflight, description } = world();
      expect(await preflight({ realWrite: false })).toMatchObject({ ok: true, value: { wrote: false } });
      await expect(description()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    });
  });
}

function describeRefusing(world: () => World): void {
  describe('a preflight that fails', () => {
    it('refuses a secret that is missing and may not be made', async () => {
      const { place, preflight } = world();
      const failure = failureIn(await preflight({ place: { ...place, options: {} } }));
      expect(failure.message).toContain(`there is no secret ${place.address}`);
    });

    it('refuses a secret that has no value to try with, and that it may not make', async () => {
      const { moto, place, preflight } = world();
      await moto.client.send(new CreateSecretCommand({ Name: place.address }));
      const failing = await preflight({ place: { ...place, options: {} } });
      expect(failureIn(failing).message).toContain('has no value yet');
    });

    it('refuses a secret that is marked for deletion, and says how to keep it', async () => {
      const { moto, place, write, preflight } = world();
      await write('value');
      await moto.client.send(new DeleteSecretCommand({ SecretId: place.address, RecoveryWindowInDays: 7 }));
      const failure = failureIn(await preflight());
      expect(failure.message).toMatch(/marked for deletion \(\d{4}-\d\d-\d\d\)/);
      expect(failure.message).toContain(`restore-secret --secret-id ${place.address}`);
    });

    it('refuses a secret that something else rotates', async () => {
      const { moto, place, write, preflight } = world();
      await write('value');
      const RotationRules = { AutomaticallyAfterDays: 30 };
      await moto.client.send(new RotateSecretCommand({ SecretId: place.address, RotationRules }));
      expect(failureIn(await preflight()).message).toContain('has another writer');
    });

    it('refuses a copy from another region, and names the region of the original', async () => {
      const { moto, place, open, write, preflight } = world();
      await write('value');
      const AddReplicaRegions = [{ Region: 'eu-west-1' }];
      await moto.client.send(
        new ReplicateSecretToRegionsCommand({ SecretId: place.address, AddReplicaRegions }),
      );
      const far = await open({ region: 'eu-west-1' });
      const failure = failureIn(await preflight({ store: far }));
      expect(failure.message).toContain(`its original is in ${MOTO_REGION}`);
      await far[Symbol.asyncDispose]();
    });

    it('refuses to turn a binary value into text', async () => {
      const { place, write, preflight } = world();
      await write('value', { place: { ...place, options: { create: true, binary: true } } });
      expect(failureIn(await preflight()).message).toContain('binary: true');
    });

    it('refuses a value that AWS has no room for', async () => {
      const { preflight } = world();
      expect(failureIn(await preflight({ size: 65_537 })).kind).toBe('target-refused');
    });
  });
}

function describeReading(world: () => World): void {
  it('a read refuses a secret that is marked for deletion, and says how to keep it', async () => {
    const { moto, store, place, write } = world();
    await write('value');
    await moto.client.send(new DeleteSecretCommand({ SecretId: place.address, RecoveryWindowInDays: 7 }));
    const result = await store.read(place, { signal: endless() });
    expect(failureIn(result).message).toContain('aws secretsmanager restore-secret');
  });
}

function describeRole(world: () => World): void {
  describe('an assumed role', () => {
    it('writes as that role, whatever the session is called', async () => {
      const { open, write, preflight } = world();
      const [one, two] = await Promise.all(
        ['monday', 'tuesday'].map((sessionName) => open({ assumeRole: { arn: ROLE, sessionName } })),
      );
      if (one === undefined || two === undefined) throw new Error('two stores were opened');
      const who = await one.whoAmI({ signal: endless() });
      expect(who.ok && who.value).toBe(
        `arn:aws:sts::${MOTO_ACCOUNT}:assumed-role/rekeyd/monday in ${MOTO_REGION}`,
      );
      await write('value');
      const wantIdentity = `arn:aws:sts::${MOTO_ACCOUNT}:assumed-role/rekeyd with the key aws/secretsmanager`;
      for (const other of [one, two]) {
        const ready = await preflight({ store: other });
        expect(ready).toEqual({ ok: true, value: { identity: wantIdentity, wrote: true } });
        await other[Symbol.asyncDispose]();
      }
    });

    it('is taken with the token of a Kubernetes service account, as IRSA gives it', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'rekeyd-'));
      const tokenFile = join(folder, 'token');
      await writeFile(tokenFile, 'header.payload.signature');
      vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
      vi.stubEnv('AWS_SECRET_ACCESS_KEY', undefined);
      vi.stubEnv('AWS_ROLE_ARN', ROLE);
      vi.stubEnv('AWS_WEB_IDENTITY_TOKEN_FILE', tokenFile);
      vi.stubEnv('AWS_ROLE_SESSION_NAME', 'pod-7');
      const store = await world().open();
      const who = await store.whoAmI({ signal: endless() });
      expect(who.ok && who.value).toBe(
        `arn:aws:sts::${MOTO_ACCOUNT}:assumed-role/rekeyd/pod-7 in ${MOTO_REGION}`,
      );
      await store[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    });
  });
}
