// The contract of every store, against moto.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { storeContract } from '../../contract/store-contract.ts';
import { describeContainers } from '../../world/containers.ts';
import { MOTO_REGION, startMoto, wireTo } from '../../world/moto.ts';
import type { Moto } from '../../world/moto.ts';
import { openStore, useStaticCredentials } from './open.ts';

describeContainers('AWS Secrets Manager, stood in for by moto', () => {
  let moto: Moto;
  beforeAll(async () => {
    moto = await startMoto();
  });
  afterAll(async () => await moto[Symbol.asyncDispose]());

  storeContract('aws-secrets-manager', async () => {
    useStaticCredentials();
    const wire = await wireTo(moto.url);
    const store = await openStore({ config: { endpoint: wire.url, region: MOTO_REGION } });
    const folder = randomUUID();
    return {
      store,
      place: (name) => ({ address: `${folder}/${name}`, options: { create: true } }),
      breaks: { unavailable: () => wire.cut(), denied: () => moto.enforceRights(true) },
      cleanup: async () => {
        await moto.enforceRights(false);
        await store[Symbol.asyncDispose]();
        await wire[Symbol.asyncDispose]();
      },
    };
  });
});
