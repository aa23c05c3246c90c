// How values are written to AWS Secrets Manager, and how it shows afterwards who wrote them, against moto.

import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SecretBytes } from '../../../src/domain/secret.ts';
import type { Stored } from '../../../src/ports/store.ts';
import { describeContainers } from '../../world/containers.ts';
import { endless } from './open.ts';
import { CONFLICT, failureIn, textOf, useMotoWorld, written } from './moto-world.ts';
import type { World } from './moto-world.ts';

describeContainers('writing to AWS Secrets Manager', () => {
  const world = useMotoWorld();
  describeValues(world);
  describeOthers(world);
  describeLabels(world);
  describeDates(world);
});

function describeValues(world: () => World): void {
  it('names the version after the write token', async () => {
    const { write } = world();
    const writeToken = randomUUID();
    expect(await write('value', { writeToken })).toEqual(written(writeToken));
  });

  it('keeps the version before under AWSPREVIOUS', async () => {
    const { write, labels } = world();
    const [first, second] = [randomUUID(), randomUUID()];
    await write('one', { writeToken: first });
    await write('two', { writeToken: second });
    expect(await labels()).toEqual({ [first]: ['AWSPREVIOUS'], [second]: ['AWSCURRENT'] });
  });

  it('makes a missing secret with its key, description and tags', async () => {
    const { place, write, description } = world();
    const options = {
      create: true,
      kmsKeyId: 'alias/app',
      description: 'for the app',
      tags: { team: 'a' },
    };
    await write('value', { place: { ...place, options } });
    expect(await description()).toMatchObject({
      KmsKeyId: 'alias/app',
      Description: 'for the app',
      Tags: [{ Key: 'team', Value: 'a' }],
    });
  });

  it('makes no secret where the target does not say so', async () => {
    const { place, write } = world();
    const failure = failureIn(await write('value', { place: { ...place, options: {} } }));
    expect(failure.kind).toBe('target-refused');
    expect(failure.message).toContain('create: true');
  });

  it('gives a secret without any version its first one', async () => {
    const { moto, place, write, read } = world();
    await moto.client.send(new CreateSecretCommand({ Name: place.address }));
    expect(await read()).toEqual({ state: 'absent' });
    await write('first', { ifVersion: 'absent' });
    expect(textOf(await read())).toBe('first');
  });

  it('keeps a binary value binary where the target says so', async () => {
    const { moto, place, write } = world();
    await write('value', { place: { ...place, options: { create: true, binary: true } } });
    const seen = await moto.client.send(new GetSecretValueCommand({ SecretId: place.address }));
    expect(Buffer.from(seen.SecretBinary ?? []).toString()).toBe('value');
    expect(seen.SecretString).toBeUndefined();
  });
}

function describeOthers(world: () => World): void {
  it('leaves what somebody wrote in between under AWSCURRENT', async () => {
    const { moto, place, write, read } = world();
    const first = randomUUID();
    await write('one', { writeToken: first });
    await moto.client.send(new PutSecretValueCommand({ SecretId: place.address, SecretString: 'edited' }));
    const conflict = await write('two', { ifVersion: first });
    expect(conflict).toEqual(CONFLICT);
    expect(textOf(await read())).toBe('edited');
  });

  it('lets one of sixteen writes upon one version through, and makes one version for them', async () => {
    const { write, read, labels } = world();
    const first = randomUUID();
    await write('one', { writeToken: first });
    const texts = Array.from({ length: 16 }, (_, index) => `two ${index}`);
    const results = await Promise.all(texts.map((text) => write(text, { ifVersion: first })));
    const outcomes = results.map((result) => (result.ok ? result.value.outcome : result.failure.message));
    expect(outcomes.toSorted()).toEqual([...Array<string>(15).fill('conflict'), 'written']);
    expect(textOf(await read())).toBe(texts[outcomes.indexOf('written')]);
    // moto lists the versions without a label as well.
    expect(Object.keys(await labels())).toHaveLength(2);
  });

  it('does not write over a newer value when an older write is sent again', async () => {
    const { moto, place, write, read } = world();
    const writeToken = randomUUID();
    await write('one', { writeToken });
    await moto.client.send(new PutSecretValueCommand({ SecretId: place.address, SecretString: 'edited' }));
    const again = await write('one', { writeToken });
    expect(again).toEqual(CONFLICT);
    expect(textOf(await read())).toBe('edited');
  });

  it('asks for a new look when its token names the current version with another value', async () => {
    const { write } = world();
    const writeToken = randomUUID();
    await write('one', { writeToken });
    const other = await write('two', { writeToken });
    expect(other).toEqual(CONFLICT);
  });

  it('writes upon a version although a write with its token and another value was never made current', async () => {
    const { moto, place, write, read, labels } = world();
    const [first, writeToken] = [randomUUID(), randomUUID()];
    await write('one', { writeToken: first });
    const cutOff = { ClientRequestToken: writeToken, VersionStages: ['rekeyd-pending'] };
    await moto.client.send(
      new PutSecretValueCommand({ SecretId: place.address, SecretString: 'two, as before', ...cutOff }),
    );
    const result = await write('two', { writeToken, ifVersion: first });
    expect(result).toMatchObject({ ok: true, value: { outcome: 'written' } });
    expect(textOf(await read())).toBe('two');
    const wantLabels = await labels();
    // Its answer was lost: asked for again, it is done, and no other version is made.
    expect(await write('two', { writeToken, ifVersion: first })).toEqual(result);
    expect(await labels()).toEqual(wantLabels);
  });

  it('names a value that was put under another token by nothing that tells of it', async () => {
    const { moto, place, open, write, read } = world();
    const [first, writeToken] = [randomUUID(), randomUUID()];
    await write('one', { writeToken: first });
    const cutOff = { ClientRequestToken: writeToken, VersionStages: ['rekeyd-pending'] };
    const text = new PutSecretValueCommand({ SecretId: place.address, SecretString: 'other', ...cutOff });
    await moto.client.send(text);
    await write('two', { writeToken, ifVersion: first });
    const { version } = (await read()) as Extract<Stored, { readonly state: 'present' }>;
    const back = { SecretId: place.address, VersionStage: 'AWSCURRENT', RemoveFromVersionId: version };
    await moto.client.send(new UpdateSecretVersionStageCommand({ ...back, MoveToVersionId: first }));
    const elsewhere = await open();
    const bytes = new SecretBytes('two');
    const again = await elsewhere.write(place, bytes, { signal: endless(), writeToken, ifVersion: first });
    await elsewhere[Symbol.asyncDispose]();
    if (!again.ok || again.value.outcome !== 'written') throw new Error('it was not written');
    expect(again.value.version).not.toBe(version);
  });

  it('refuses a value that AWS has no room for', async () => {
    const { write } = world();
    const failure = failureIn(await write('x'.repeat(65_537)));
    expect(failure.message).toContain('has 65537 bytes, and AWS takes 1 to 65536');
  });

  it('takes a full ARN for the secret that it names', async () => {
    const { write, read, description } = world();
    await write('one');
    const arn = (await description()).ARN ?? '';
    await write('two', { place: { address: arn, options: {} } });
    expect(textOf(await read())).toBe('two');
  });
}

function describeLabels(world: () => World): void {
  it('takes its label off what is current when that is read back', async () => {
    const { write, look, labels } = world();
    const [first, second] = [randomUUID(), randomUUID()];
    await write('one', { writeToken: first });
    await write('two', { writeToken: second, ifVersion: first });
    expect(textOf(await look())).toBe('two');
    expect(await labels()).toEqual({ [first]: ['AWSPREVIOUS'], [second]: ['AWSCURRENT'] });
  });

  it('takes the label off that a process left which was killed before it read back', async () => {
    const { open, place, write, labels } = world();
    const [first, second] = [randomUUID(), randomUUID()];
    await write('one', { writeToken: first });
    await write('two', { writeToken: second, ifVersion: first });
    const next = await open();
    await next.read(place, { signal: endless(), tidy: true });
    await next[Symbol.asyncDispose]();
    expect(await labels()).toEqual({ [first]: ['AWSPREVIOUS'], [second]: ['AWSCURRENT'] });
  });

  it('leaves a write under way its label, which is on a version that is not current yet', async () => {
    const { moto, place, write, look, labels } = world();
    const [current, underWay] = [randomUUID(), randomUUID()];
    await write('one', { writeToken: current });
    const more = { ClientRequestToken: underWay, VersionStages: ['rekeyd-pending'] };
    await moto.client.send(
      new PutSecretValueCommand({ SecretId: place.address, SecretString: 'two', ...more }),
    );
    expect(textOf(await look())).toBe('one');
    expect(await labels()).toEqual({ [current]: ['AWSCURRENT'], [underWay]: ['rekeyd-pending'] });
  });

  it('changes no label where a look may change nothing', async () => {
    const { write, read, labels } = world();
    const [first, second] = [randomUUID(), randomUUID()];
    await write('one', { writeToken: first });
    await write('two', { writeToken: second, ifVersion: first });
    await read();
    expect((await labels())[second]).toContain('rekeyd-pending');
  });

  it('takes its label off what was made for nothing, because somebody wrote in between', async () => {
    const { moto, place, write, labels } = world();
    const first = randomUUID();
    await write('one', { writeToken: first });
    await moto.client.send(new PutSecretValueCommand({ SecretId: place.address, SecretString: 'edited' }));
    await write('two', { ifVersion: first });
    expect(
      Object.values(await labels())
        .flat()
        .toSorted(),
    ).toEqual(['AWSCURRENT', 'AWSPREVIOUS']);
  });
}

const FIRST = randomUUID();

/** The token that is used over `previous`; `FIRST` over nothing. */
function tokenOf(_bytes: SecretBytes, previous: string | undefined): string {
  return previous === undefined ? FIRST : previous.replace(/^.{8}/, 'ffffffff');
}

function describeDates(world: () => World): void {
  describe('the date of a value', () => {
    it('shows when it wrote the first version', async () => {
      const { write, read } = world();
      await write('one', { writeToken: FIRST });
      expect(await read(tokenOf)).toHaveProperty('writtenByUsAt', expect.any(Number));
    });

    it('shows when it wrote over another version', async () => {
      const { write, read } = world();
      await write('one', { writeToken: FIRST });
      await write('two', { writeToken: FIRST.replace(/^.{8}/, 'ffffffff') });
      expect(await read(tokenOf)).toHaveProperty('writtenByUsAt', expect.any(Number));
    });

    it('shows when it wrote upon a version', async () => {
      const { write, read } = world();
      await write('one', { writeToken: FIRST });
      await write('two', { writeToken: FIRST.replace(/^.{8}/, 'ffffffff'), ifVersion: FIRST });
      expect(await read(tokenOf)).toHaveProperty('writtenByUsAt', expect.any(Number));
    });

    it('shows nothing for what somebody else wrote', async () => {
      const { moto, place, write, read } = world();
      await write('one', { writeToken: FIRST });
      await moto.client.send(new PutSecretValueCommand({ SecretId: place.address, SecretString: 'edited' }));
      expect(await read(tokenOf)).not.toHaveProperty('writtenByUsAt');
    });

    it('shows nothing where the bytes can be none of ours', async () => {
      const { write, read } = world();
      await write('one', { writeToken: FIRST });
      expect(await read(() => undefined)).not.toHaveProperty('writtenByUsAt');
    });
  });
}
