import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { daemonWorld, isMint, metric } from '../world/daemon-world.ts';
import type { Words } from '../world/daemon-world.ts';

const BAD = `providers:
  kronup: { kind: kronup, token: { file: manager-token } }
stores:
  files: { kind: file, directory: secrets }
acounts: []
accounts:
  - name: one
    provider: kronupp
    accountId: 000000000000000000000001
    schedule: 61 * * * *
    targets:
      - { store: files, address: /etc/passwd }
`;

const PROBLEMS = [
  /rekeyd\.yaml:5:1.*acounts.*did you mean.*accounts/is,
  /rekeyd\.yaml:8:15.*accounts\[0\]\.provider.*kronupp/is,
  /rekeyd\.yaml:10:15.*accounts\[0\]\.schedule/is,
  /rekeyd\.yaml:12:34.*accounts\[0\]\.targets\[0\]\.address/is,
];

describe('a configuration that is changed while a rotation is under way', () => {
  it.each([
    ['SIGHUP', (signal: () => void) => signal()],
    ['the change of its file alone', () => undefined],
  ])('takes effect by %s, and the rotation is carried through', async (_how, tell) => {
    const world = await daemonWorld();
    const [one, two] = [world.account(0), world.account(1)];
    await world.configure([one]);
    const daemon = await world.start();
    await daemon.line({ event: 'target-confirmed' });
    const answer = world.gate.holdAnswers(isMint);
    await world.rotate(one.name);
    await answer.arrived;
    await world.configure([{ ...one, labels: { team: 'new' } }, two]);
    tell(() => daemon.signal('SIGHUP'));
    await daemon.line({ event: 'config-applied', accounts: 2 });
    await daemon.line({ event: 'target-confirmed', account: two.name });
    answer.release();
    await daemon.line({ event: 'rotation-succeeded', account: one.name, estimated: false });
    expect(await world.file(`${one.name}.token`)).toBe(await world.live(0));
    expect(await world.file(`${two.name}.token`)).toBe(await world.live(1));
    expect((await world.status(one.name)).labels).toEqual({ team: 'new' });
    expect(world.kronup.mints()).toBe(1);
  });
});

describe('a provider whose settings are changed while a mint is under way', () => {
  it('answers that mint, and the next ones go by the new settings', async () => {
    const world = await daemonWorld();
    const account = world.account();
    await world.configure([account]);
    const daemon = await world.start();
    await daemon.line({ event: 'target-confirmed' });
    const answer = world.gate.holdAnswers(isMint);
    await world.rotate(account.name);
    await answer.arrived;
    const path = join(world.folder, 'rekeyd.yaml');
    const words = JSON.parse(await readFile(path, 'utf8')) as { providers: { kronup: Words } };
    const providers = { kronup: { ...words.providers.kronup, rate: 999 } };
    const from = daemon.log.length;
    await world.configure([account], { providers });
    daemon.signal('SIGHUP');
    await daemon.line({ event: 'config-applied' }, from);
    answer.release();
    await daemon.line({ event: 'credential-minted', recovered: false }, from);
    await daemon.line({ event: 'rotation-succeeded', estimated: false });
    expect(world.kronup.mints()).toBe(1);
    expect(await world.file(`${account.name}.token`)).toBe(await world.live());
    const { rotation } = await world.rotate(account.name, { wait: '20s' });
    expect(rotation.rotation?.outcome).toBe('succeeded');
  });
});

describe('a bad configuration', () => {
  it('is refused with every problem while a daemon runs, which goes on with the last good one', async () => {
    const world = await daemonWorld();
    const account = world.account();
    await world.configure([account]);
    const daemon = await world.start();
    await world.writeConfig(BAD);
    daemon.signal('SIGHUP');
    const refused = await daemon.line({ event: 'config-refused' });
    const problems = refused['problems'] as readonly string[];
    for (const problem of PROBLEMS) expect(problems).toContainEqual(expect.stringMatching(problem));
    const { rotation } = await world.rotate(account.name, { wait: '20s' });
    expect(rotation.rotation?.outcome).toBe('succeeded');
    const last = 'rekeyd_config_last_reload_successful';
    expect(metric(await world.metrics(daemon), last)).toBe(0);
    await world.configure([account]);
    daemon.signal('SIGHUP');
    await daemon.line({ event: 'config-applied' }, daemon.log.indexOf(refused));
    expect(metric(await world.metrics(daemon), last)).toBe(1);
  });

  it('ends the start with exit code 2, every problem on standard error, and nothing done', async () => {
    const world = await daemonWorld();
    await world.writeConfig(BAD);
    const daemon = world.run('run', '--config', 'rekeyd.yaml');
    expect(await daemon.ended).toEqual({ code: 2 });
    for (const problem of PROBLEMS) expect(daemon.errors()).toMatch(problem);
    expect(daemon.log).toEqual([]);
    expect(world.kronup.calls()).toBe(0);
  });
});

describe('a file that the configuration includes', () => {
  it('brings its account to the running daemon as soon as it is there', async () => {
    const world = await daemonWorld();
    const [one, two] = [world.account(0), world.account(1)];
    await world.configure([one], { include: 'more-*.jsonl' });
    const daemon = await world.start();
    await writeFile(join(world.folder, 'more-accounts.jsonl'), `${JSON.stringify(two)}\n`);
    await daemon.line({ event: 'target-confirmed', account: two.name });
    expect(await world.file(`${two.name}.token`)).toBe(await world.live(1));
  });
});
