import { describe, expect, it } from 'vitest';
import type { RunningProcess } from '../world/daemon-process.ts';
import { daemonWorld, probesOf } from '../world/daemon-world.ts';
import type { DaemonWorld } from '../world/daemon-world.ts';
import { filesIn, formsOf, leaks } from '../world/canary.ts';
import type { Place } from '../world/canary.ts';

const FOREIGN = 'opaque+canary/value==?&%20\\"of-somebody-else-8d1f0c7e';
const REGENERATE = 'serviceAccountRegenerate';

/** All that a daemon answers to whoever asks by its socket or its probes. */
async function answers(
  world: DaemonWorld,
  daemon: RunningProcess,
  names: readonly string[],
): Promise<Place[]> {
  const paths = [
    '/v1/status',
    '/v1/accounts?rows=true',
    '/v1/rotations',
    '/v1/nothing-here',
    ...names.flatMap((name) => [`/v1/accounts/${name}`, `/v1/accounts/${name}/facts?limit=1000`]),
  ];
  const api = paths.map(async (path) => {
    const { body } = await world.ask({ method: 'GET', path });
    return { name: path, content: JSON.stringify(body) };
  });
  const urls = ['/metrics', '/readyz', ...names.map((name) => `/readyz/accounts/${name}`)];
  const probes = urls.map(async (path) => {
    const answer = await fetch(`${probesOf(daemon.log)}${path}`);
    return { name: path, content: await answer.text() };
  });
  return await Promise.all([...api, ...probes]);
}

describe('a credential', () => {
  it('is found by this test in each form that it looks for', () => {
    const jwt = `${'h'.repeat(30)}.${'payload-'.repeat(5)}.${'sign_-'.repeat(6)}`;
    const shown = [
      jwt,
      `Bearer ${jwt}`,
      Buffer.from(`id:${jwt}`).toString('base64'),
      Buffer.from(`{"a":"${jwt}"}`).toString('base64url'),
      jwt.split('.')[2] ?? '',
      encodeURIComponent(FOREIGN),
      JSON.stringify({ is: FOREIGN }),
    ];
    for (const content of shown) expect(leaks([{ name: 'here', content }], [jwt, FOREIGN])).toEqual(['here']);
    expect(leaks([{ name: 'here', content: 'nothing' }], [jwt, FOREIGN])).toEqual([]);
    expect(formsOf(jwt).every((form) => form.length >= 20)).toBe(true);
  });

  it('is in nothing that daemon and commands write or answer, through successes and failures', async () => {
    const world = await daemonWorld();
    const [good, foreign] = [world.account(0), world.account(1)];
    const names = [good.name, foreign.name];
    const credentials = new Set([FOREIGN, world.kronup.manager.token.reveal()]);
    const remember = async () => {
      for (const index of names.keys()) credentials.add(await world.live(index));
    };
    await remember();
    await world.configure([good, foreign]);
    await world.put(`${foreign.name}.token`, FOREIGN);
    const daemon = await world.start();
    await daemon.line({ event: 'target-foreign' });

    // A provider that shows in its error bodies what it was sent.
    const echo = [...credentials].join(' ');
    for (const status of [403, 429, 400]) {
      const body = { id: 'not-allowed', message: `refused: ${echo}`, at: echo };
      world.kronup.fault({ kind: 'status', operation: REGENERATE, status, body, retryAfter: 0, times: 1 });
      const from = daemon.log.length;
      await world.rotate(good.name);
      await daemon.line({ event: 'mint-refused' }, from);
    }
    world.kronup.fault({
      kind: 'status',
      operation: 'serviceAccountList',
      status: 500,
      body: echo,
      times: 2,
    });
    const recovered = await world.rotate(good.name, { wait: '20s' });
    expect(recovered.rotation.rotation?.outcome).toBe('succeeded');
    await remember();
    world.kronup.fault({
      kind: 'status',
      operation: REGENERATE,
      status: 502,
      body: echo,
      when: 'after',
      times: 1,
    });
    await world.rotate(good.name, { wait: '20s' });
    await remember();
    const shown = await answers(world, daemon, names);
    await daemon.kill();
    await daemon.ended;
    const inFiles = await filesIn(world.folder, ['secrets', 'manager-token']);

    const again = await world.start();
    const more = await answers(world, again, names);
    const commands = [
      world.run('status', '--config', 'rekeyd.yaml'),
      world.run('history', '--config', 'rekeyd.yaml', '--output', 'json'),
      world.run('check', '--config', 'rekeyd.yaml'),
    ];
    for (const command of commands) await command.ended;
    again.signal('SIGTERM');
    expect(await again.ended).toEqual({ code: 0 });
    const outputs = [daemon, again, ...commands].map(({ output }, index) => {
      return { name: `output ${index}`, content: output() };
    });
    const filesLater = await filesIn(world.folder, ['secrets', 'manager-token']);
    const places = [...shown, ...more, ...outputs, ...inFiles, ...filesLater];
    expect(outputs.every(({ content }) => content.length > 100)).toBe(true);
    expect(inFiles.map(({ name }) => name)).toContain(`${world.folder}/journal.db-wal`);
    expect(leaks(await filesIn(world.folder, []), credentials)).not.toEqual([]);
    expect(leaks(places, credentials)).toEqual([]);
  });
});
