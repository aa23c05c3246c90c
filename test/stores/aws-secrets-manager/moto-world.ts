// One secret in moto with a store upon it, anew for each test, and short words for what tests do with them.

import { DescribeSecretCommand } from '@aws-sdk/client-secrets-manager';
import type { DescribeSecretCommandOutput } from '@aws-sdk/client-secrets-manager';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { SecretBytes } from '../../../src/domain/secret.ts';
import type { Failure, Result } from '../../../src/domain/failure.ts';
import type {
  Place,
  Ready,
  ReadOptions,
  Store,
  Stored,
  WriteOptions,
  Written,
} from '../../../src/ports/store.ts';
import { MOTO_REGION, startMoto } from '../../world/moto.ts';
import type { Moto } from '../../world/moto.ts';
import { endless, openStore, useStaticCredentials } from './open.ts';

export interface World {
  readonly moto: Moto;
  readonly store: Store;
  /** A secret that is not there yet, and may be made. */
  readonly place: Place;
  readonly open: (config?: Readonly<Record<string, unknown>>) => Promise<Store>;
  readonly write: (text: string, how?: WriteHow) => Promise<Result<Written>>;
  readonly read: (tokenOf?: NonNullable<ReadOptions['tokenOf']>) => Promise<Stored>;
  /** As the daemon looks at its targets. */
  readonly look: () => Promise<Stored>;
  readonly preflight: (how?: PreflightHow) => Promise<Result<Ready>>;
  /** What AWS says of the secret. */
  readonly description: () => Promise<DescribeSecretCommandOutput>;
  /** Labels by version id. */
  readonly labels: () => Promise<Record<string, string[]>>;
}

type WriteHow = Partial<WriteOptions> & { readonly place?: Place };

interface PreflightHow {
  readonly place?: Place;
  readonly size?: number;
  readonly realWrite?: boolean;
  readonly store?: Store;
}

/** Registers the hooks for a suite; its tests call what this gives. */
export function useMotoWorld(): () => World {
  let moto: Moto;
  let world: World;
  beforeAll(async () => {
    moto = await startMoto();
  });
  afterAll(async () => await moto[Symbol.asyncDispose]());
  beforeEach(async () => {
    useStaticCredentials();
    world = await makeWorld(moto);
  });
  afterEach(async () => await world.store[Symbol.asyncDispose]());
  return () => world;
}

async function makeWorld(moto: Moto): Promise<World> {
  const open = (config = {}): Promise<Store> =>
    openStore({ config: { endpoint: moto.url, region: MOTO_REGION, ...config } });
  const store = await open();
  const place: Place = { address: `prod/${randomUUID()}`, options: { create: true } };
  const signal = endless();
  const description = (): Promise<DescribeSecretCommandOutput> =>
    moto.client.send(new DescribeSecretCommand({ SecretId: place.address }));
  return {
    moto,
    store,
    place,
    open,
    description,
    labels: async () => (await description()).VersionIdsToStages ?? {},
    write: (text, { place: where = place, ...options } = {}) =>
      store.write(where, new SecretBytes(text), { signal, writeToken: randomUUID(), ...options }),
    read: async (tokenOf) => valueOf(await store.read(place, { signal, ...(tokenOf && { tokenOf }) })),
    look: async () => valueOf(await store.read(place, { signal, tidy: true })),
    preflight: ({ place: where = place, size = 100, realWrite = true, store: by = store } = {}) =>
      by.preflight(where, { signal, size, realWrite }),
  };
}

function valueOf(result: Result<Stored>): Stored {
  if (!result.ok) throw new Error(result.failure.message);
  return result.value;
}

export const CONFLICT: Result<Written> = { ok: true, value: { outcome: 'conflict' } };

export function written(version: string): Result<Written> {
  return { ok: true, value: { outcome: 'written', version } };
}

export function textOf(stored: Stored): string | undefined {
  return stored.state === 'present' ? stored.bytes.revealText() : undefined;
}

export function failureIn(result: Result<unknown>): Failure {
  if (result.ok) throw new Error('it succeeded');
  return result.failure;
}
