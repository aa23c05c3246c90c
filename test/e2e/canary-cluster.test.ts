// No credential is in an output, answer or file but its targets, where Keycard, a cluster and webhooks repeat all that they know.

import { expect, it } from 'vitest';
import { leaks, outputsOf } from '../world/canary.ts';
import { canaryClusterWorld, STATUSES } from '../world/canary-cluster-world.ts';
import type { CanaryClusterWorld } from '../world/canary-cluster-world.ts';
import type { RunningProcess } from '../world/daemon-process.ts';
import { LONG_LIMIT_MS } from '../world/patience.ts';
import type { Asked } from '../world/repeater.ts';

const isMint = ({ method, path }: Asked) => method === 'POST' && path.endsWith('/credentials');
const isList = ({ method, path }: Asked) => method === 'GET' && path.includes('/credentials');
const isDelete = ({ method }: Asked) => method === 'DELETE';
const isRead = ({ method, path }: Asked) => method === 'GET' && path.includes('/secrets/');

const page = (all: string) => `<html><h1>${all}</h1></html>`;

/** Each write to a Secret, each restart and each call fails in its own way for the first time. */
function repeatInDeliveries({ cluster, webhooks, signingKey }: CanaryClusterWorld): void {
  for (const status of STATUSES) {
    const isChange = (name: string) => (asked: Asked) =>
      asked.method === 'PATCH' &&
      asked.path.includes(`/${name}-${status}?`) &&
      !asked.path.includes('dryRun') &&
      !asked.body.includes('rekeyd/probed');
    // A conflict is answered by another look, so often.
    const times = status === 409 ? 5 : 1;
    cluster.repeat({ name: `secret ${status}`, which: isChange('secret'), status, times });
    cluster.repeat({ name: `deployment ${status}`, which: isChange('deployment'), status, times });
    const body =
      status === 500
        ? { body: page }
        : // No more is read of it than one half of the key.
          status === 400
          ? { body: () => `${' '.repeat(4_066)}${signingKey}` }
          : {};
    webhooks.repeat({
      name: `webhook ${status}`,
      which: ({ path }) => path === `/${status}`,
      status,
      ...body,
    });
  }
  const isLook = ({ method, path }: Asked) => method === 'GET' && path.endsWith('/deployment-422');
  // Before the restart that is refused, before the one that is not, and after that.
  cluster.repeat({ name: 'unhealthy', which: isLook, status: 200, when: 'after', times: 3, body: unhealthy });
}

/** The Deployment, whose new pods do not come up for a reason that repeats everything. */
function unhealthy(all: string, said: string): string {
  const object = JSON.parse(said) as { readonly spec: object; readonly status: object };
  const condition = {
    type: 'Progressing',
    status: 'False',
    reason: 'ProgressDeadlineExceeded',
    message: all,
  };
  return JSON.stringify({ ...object, status: { ...object.status, conditions: [condition] } });
}

/** Mints fail in each way, also after their effect, and so does the retirement of what was minted in vain; then all succeeds. */
async function rotate(
  { keycard, good, ...world }: CanaryClusterWorld,
  daemon: RunningProcess,
): Promise<void> {
  for (const status of [400, 403, 429]) {
    keycard.repeat({ name: `mint ${status}`, which: isMint, status });
    const from = daemon.log.length;
    await world.rotate(good.name);
    await daemon.line({ event: 'mint-refused' }, from);
  }
  keycard.repeat({ name: 'mint 500', which: isMint, status: 500, when: 'after' });
  keycard.repeat({ name: 'delete 500', which: isDelete, status: 500 });
  const { rotation } = await world.rotate(good.name, { wait: '60s' });
  expect(rotation.rotation?.outcome).toBe('succeeded');
  await daemon.line({ event: 'mint-unknown' });
  await daemon.line({ event: 'retire-failed' });
}

/** The old credentials: the one that was there first, the one after it, and one whose value was lost. */
async function retired(daemon: RunningProcess): Promise<void> {
  await daemon.line(() => daemon.log.filter(({ event }) => event === 'credential-retired').length >= 3);
}

async function look({ good, ask }: CanaryClusterWorld): Promise<void> {
  await ask({ method: 'POST', path: `/v1/accounts/${good.name}/reconcile`, body: { reason: 'a test asks' } });
}

async function lookInVain(world: CanaryClusterWorld, daemon: RunningProcess): Promise<void> {
  for (const status of [302, 402, 409, 422, 200]) {
    const body = status === 200 ? { body: page } : {};
    world.keycard.repeat({ name: `list ${status}`, which: isList, status, ...body });
    const from = daemon.log.length;
    await look(world);
    await daemon.line({ event: 'observe-failed', account: world.good.name }, from);
  }
  const from = daemon.log.length;
  world.keycard.repeat({ name: 'list 500', which: isList, status: 500 });
  await look(world);
  await daemon.line({ event: 'looked', account: world.good.name }, from);
}

/** A daemon that knows none of the values yet reads the Secrets, and cannot. */
async function readInVain(world: CanaryClusterWorld, daemon: RunningProcess): Promise<void> {
  for (const status of [500, 200]) {
    const [times, body] = [STATUSES.length, status === 200 ? { body: page } : {}];
    world.cluster.repeat({ name: `read ${status}`, which: isRead, status, times, ...body });
    const from = daemon.log.length;
    await look(world);
    await daemon.line({ event: 'target-failed' }, from);
  }
}

/** That a failure of each kind was told of. */
function expectFailures({ log }: RunningProcess): void {
  const failed = log.filter(({ event }) => event === 'call-failed');
  const told = (name: string, wanted: number) =>
    failed.some(({ detail, status }) => {
      const words = String(detail);
      const isConflict = wanted === 409 && words.includes('again and again');
      return words.includes(`${name}-${wanted}`) && (isConflict || status === wanted);
    });
  for (const name of ['Secret shop/secret', 'Deployment shop/deployment', 'webhook webhook']) {
    expect([name, STATUSES.filter((status) => told(name, status))]).toEqual([name, STATUSES]);
  }
  expect(log.map(({ event }) => event)).toContain('consumer-unhealthy');
}

it(
  'a credential is in nothing that a daemon writes or answers, whoever repeats it',
  { timeout: LONG_LIMIT_MS },
  async () => {
    const world = await canaryClusterWorld();
    await world.configureAll();
    repeatInDeliveries(world);
    const daemon = await world.start();
    await daemon.line({ event: 'manager-refused', provider: 'other' });
    await daemon.line({ event: 'rotation-succeeded' });
    await rotate(world, daemon);
    await retired(daemon);
    await lookInVain(world, daemon);
    const shown = await world.answers(daemon);
    await daemon.kill();
    const inFiles = await world.files();

    const again = await world.start();
    await readInVain(world, again);
    const more = await world.answers(again);
    again.signal('SIGTERM');
    expect(await again.ended).toEqual({ code: 0 });
    const outputs = outputsOf(daemon, again);
    const places = [...shown, ...more, ...outputs, ...inFiles, ...(await world.files())];
    const { credentials, keycard, cluster, webhooks } = world;
    expect([keycard, cluster, webhooks].flatMap((each) => each.unmet())).toEqual([]);
    expectFailures(daemon);
    expect(daemon.log.map(({ level }) => level)).toContain('debug');
    expect(inFiles.map(({ name }) => name)).toContain(`${world.folder}/journal.db-wal`);
    const held = STATUSES.map((status) => world.secret(status)['client-secret']);
    expect(held).toEqual(STATUSES.map(() => world.live()));
    expect([...credentials]).toContain(world.live());
    expect(leaks(places, credentials)).toEqual([]);
  },
);
