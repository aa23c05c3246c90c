import { expect, it, onTestFinished } from 'vitest';
import { clusterSchema } from '../../src/kubernetes/cluster-config.ts';
import { transport } from '../../src/kubernetes/transport.ts';
import { secretSource } from '../../src/system/secret-source.ts';
import { endless } from '../consumers/open.ts';
import { json, scriptedServer } from '../providers/scripted-server.ts';
import { FakeClock } from '../world/fake-clock.ts';

it('acts in all groups that the access names, through a proxy as well', async () => {
  const seen: (string | undefined)[] = [];
  const proxy = await scriptedServer(({ headers }, response) => {
    seen.push(headers['impersonate-user'] as string, headers['impersonate-group'] as string);
    json(response, {});
  });
  const server = 'http://cluster.example';
  const line = transport({
    config: clusterSchema.parse({ server, insecure: true }),
    clock: new FakeClock(),
    environment: { HTTP_PROXY: proxy.origin },
    secretOf: (reference) => secretSource(reference, {}),
  });
  onTestFinished(async () => {
    await line[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
  });
  const impersonate = { user: 'somebody', groups: ['writers', 'readers'] };
  await line.send({ method: 'GET', path: '/api' }, { server, tls: {}, impersonate }, endless());
  expect(seen).toEqual(['somebody', 'writers, readers']);
});
