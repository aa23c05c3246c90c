import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import type { Finding } from '../../src/app/check/finding.ts';
import { describeContainers } from '../world/containers.ts';
import { daemonWorld, metric, slotIn } from '../world/daemon-world.ts';
import type { AccountWords, DaemonWorld, Words } from '../world/daemon-world.ts';
import { startGate } from '../world/gate.ts';
import type { Gate, Passing } from '../world/gate.ts';
import { MOTO_REGION, startMoto } from '../world/moto.ts';
import type { Moto } from '../world/moto.ts';

const ENVIRONMENT = {
  AWS_ACCESS_KEY_ID: 'rekeyd',
  AWS_SECRET_ACCESS_KEY: 'not-a-secret',
  AWS_EC2_METADATA_DISABLED: 'true',
};

interface AwsWorld extends DaemonWorld {
  /** What the daemon's calls to AWS pass through. */
  readonly aws: Gate;
  /** The account with this index: a file, and a secret of its own. */
  readonly both: (index?: number, more?: Words) => AccountWords;
  readonly configureBoth: (...accounts: readonly AccountWords[]) => Promise<void>;
  /** What the account's secret holds. */
  readonly secret: (index?: number) => Promise<string | undefined>;
}

function isWrite({ headers }: Passing): boolean {
  return headers['x-amz-target'] === 'secretsmanager.PutSecretValue';
}

describeContainers('a daemon that delivers to files and AWS Secrets Manager', () => {
  let moto: Moto;
  beforeAll(async () => {
    moto = await startMoto();
  });
  afterAll(async () => await moto[Symbol.asyncDispose]());

  async function awsWorld(): Promise<AwsWorld> {
    const world = await daemonWorld({ environment: ENVIRONMENT });
    const aws = await startGate(moto.url);
    onTestFinished(() => aws[Symbol.asyncDispose]());
    const prefix = `e2e/${randomUUID()}`;
    const addressOf = (index = 0) => `${prefix}/${world.emulated(index).name}`;
    return {
      ...world,
      aws,
      both(index = 0, more = {}) {
        const account = world.account(index);
        const secret = { store: 'aws', address: addressOf(index), create: true, consumerLag: '0s' };
        return { ...account, targets: [...account.targets, secret], ...more };
      },
      configureBoth: (...accounts) =>
        world.configure(accounts, {
          stores: {
            files: { kind: 'file', directory: join(world.folder, 'secrets') },
            aws: { kind: 'aws-secrets-manager', region: MOTO_REGION, endpoint: aws.origin },
          },
        }),
      async secret(index) {
        const command = new GetSecretValueCommand({ SecretId: addressOf(index) });
        return (await moto.client.send(command)).SecretString;
      },
    };
  }

  /** A running daemon, and accounts that are delivered to all their targets. */
  async function converged(count = 1) {
    const world = await awsWorld();
    const accounts = Array.from({ length: count }, (_, index) => world.both(index));
    await world.configureBoth(...accounts);
    const daemon = await world.start();
    for (const { name, targets } of accounts)
      for (const { store, address } of targets)
        await daemon.line({
          event: 'target-confirmed',
          account: name,
          target: `${String(store)}:${String(address)}`,
        });
    return { world, accounts, account: world.both(), daemon };
  }

  /** Besides, each was rotated once: that its targets can be written is proved, and no store is asked for it again. */
  async function rotated(count = 1) {
    const started = await converged(count);
    for (const { name } of started.accounts) await started.world.rotate(name, { wait: '20s' });
    return { ...started, before: started.daemon.log.length };
  }

  it('rotates at a slot into both at once, and log, metrics and history agree', async () => {
    const { world, account, daemon } = await converged();
    const old = await world.live();
    expect(world.kronup.mints()).toBe(0);
    await world.configureBoth(world.both(0, { schedule: slotIn(500).schedule }));
    daemon.signal('SIGHUP');
    const done = await daemon.line({ event: 'rotation-succeeded' });
    const [row] = await world.history(account.name);
    const text = await world.metrics(daemon);
    expect(await world.live()).not.toBe(old);
    expect(await world.file(`${account.name}.token`)).toBe(await world.live());
    expect(await world.secret()).toBe(await world.live());
    const { slot } = await daemon.line({ event: 'rotation-opened' });
    expect(row).toMatchObject({ id: done['rotation'], trigger: 'schedule', outcome: 'succeeded' });
    expect(row?.slot).toBe(Date.parse(String(slot)));
    expect(row?.fingerprint).toBe(done['fingerprint']);
    expect(row?.darkWindowMs).toBe(done['darkWindowMs']);
    expect(metric(text, 'rekeyd_rotations_opened_total', { trigger: 'schedule' })).toBe(1);
    expect(metric(text, 'rekeyd_rotations_total', { outcome: 'succeeded' })).toBe(1);
    expect(metric(text, 'rekeyd_deliveries_total', { store: 'aws', outcome: 'confirmed' })).toBe(2);
    expect(world.kronup.mints()).toBe(1);
  });

  it('is killed between mint and delivery, and delivers the same token after the next start', async () => {
    const { world, account, daemon, before } = await rotated();
    const old = await world.live();
    const write = world.aws.hold(isWrite);
    await world.rotate(account.name);
    await write.arrived;
    await daemon.line({ event: 'credential-minted' }, before);
    await daemon.kill();
    expect(await world.secret()).toBe(old);
    write.release();
    const again = await world.start();
    await again.line({ event: 'rotation-succeeded' });
    expect(await world.secret()).toBe(await world.live());
    expect(await world.file(`${account.name}.token`)).toBe(await world.live());
    expect(world.kronup.mints()).toBe(2);
  });

  it('mints nothing while a store is down, and keeps the slot until it is up', async () => {
    const { world, daemon } = await converged();
    const raise = world.aws.refuse(() => true);
    await world.configureBoth(world.both(0, { schedule: slotIn(500).schedule }));
    daemon.signal('SIGHUP');
    const { slot } = await daemon.line({ event: 'rotation-opened' });
    await daemon.line({ event: 'rotation-failed' });
    expect(world.kronup.calls({ method: 'PUT' })).toBe(0);
    raise();
    const { rotation } = await daemon.line({ event: 'rotation-succeeded' });
    await daemon.line({ event: 'rotation-opened', slot, rotation });
    expect(await world.secret()).toBe(await world.live());
    expect(world.kronup.mints()).toBe(1);
  });

  it('goes on delivering through a restart when a store goes down after the mint, and mints nothing else there', async () => {
    const { world, accounts, daemon } = await rotated(2);
    const [one, two] = accounts.map(({ name }) => name) as [string, string];
    const raise = world.aws.refuse(isWrite);
    await world.rotate(one);
    await daemon.line({ event: 'target-failed', account: one });
    await daemon.line({ event: 'store-down', store: 'aws' });
    expect(await world.file(`${one}.token`)).toBe(await world.live(0));
    await world.rotate(two);
    await daemon.kill();
    const again = await world.start();
    await again.line({ event: 'target-failed', account: one });
    expect((await world.status(two)).holds).toContainEqual(
      expect.objectContaining({ kind: 'store-down', subject: 'aws' }),
    );
    expect(world.kronup.mints()).toBe(3);
    raise();
    await again.line({ event: 'rotation-succeeded', account: one });
    await again.line({ event: 'store-up' });
    await again.line({ event: 'rotation-succeeded', account: two });
    expect([await world.secret(0), await world.secret(1)]).toEqual([
      await world.live(0),
      await world.live(1),
    ]);
    expect(world.kronup.mints()).toBe(4);
  });

  it('delivers what was minted for an account that has left the configuration, and deletes nothing', async () => {
    const { world, accounts, account, daemon } = await rotated(2);
    const raise = world.aws.refuse(isWrite);
    await world.rotate(account.name);
    await daemon.line({ event: 'target-failed', account: account.name });
    await world.configureBoth(...accounts.slice(1));
    daemon.signal('SIGHUP');
    await daemon.line({ event: 'config-applied', left: 1 });
    raise();
    await daemon.line({ event: 'account-left', account: account.name });
    expect(await world.secret()).toBe(await world.live());
    expect(await world.file(`${account.name}.token`)).toBe(await world.live());
  });

  /** What `rekeyd check` finds of AWS, each as check, outcome and message. */
  async function checked(world: AwsWorld, ...more: readonly string[]) {
    const run = world.run('check', '--config', 'rekeyd.yaml', '--output', 'json', ...more);
    const { code } = await run.ended;
    const { findings } = JSON.parse(run.output()) as { readonly findings: readonly Finding[] };
    const ofAws = findings.filter(({ subject, target }) => subject === 'aws' || target?.startsWith('aws:'));
    return { code, found: ofAws.map(({ check, outcome, message }) => `${check} ${outcome}: ${message}`) };
  }

  it('is checked before its first start, which makes nothing: who it is at AWS, and what it could do', async () => {
    const world = await awsWorld();
    await world.configureBoth(world.both());
    const { code, found } = await checked(world);
    expect(found).toEqual([
      expect.stringMatching(/^identity ok: arn:aws:sts::123456789012:user\/moto in eu-central-1$/),
      expect.stringMatching(/^holds ok: holds nothing yet; the live credential is delivered at first sight$/),
      expect.stringMatching(/^writable ok: can be written, as far as can be seen without writing, as arn:/),
    ]);
    expect(code).toBe(0);
    await expect(world.secret()).rejects.toThrow('find the specified secret');
    expect(world.kronup.mints()).toBe(0);
  });

  it('is checked by a real write, which consumers do not see', async () => {
    const { world, daemon } = await converged();
    daemon.signal('SIGTERM');
    await daemon.ended;
    const { code, found } = await checked(world, '--write');
    expect(found.slice(1)).toEqual([
      'holds ok: holds the live credential',
      expect.stringMatching(/^writable ok: can be written, by a real write, as arn:/),
    ]);
    expect(code).toBe(0);
    expect(await world.secret()).toBe(await world.live());
  });

  it('is checked where AWS is down: that fails, and says what it was and where', async () => {
    const world = await awsWorld();
    await world.configureBoth(world.both());
    world.aws.refuse(() => true);
    const { code, found } = await checked(world);
    expect(found[0]).toMatch(/^identity failed: .*sts:GetCallerIdentity/);
    expect(found.slice(1).join()).toMatch(
      /failed: secretsmanager:GetSecretValue on e2e\/.* in eu-central-1 failed/,
    );
    expect(code).toBe(1);
  });

  it('rotates once a slot by `once`, though its journal is lost each time', async () => {
    const world = await awsWorld();
    await world.configureBoth(world.both());
    const mints: number[] = [];
    for (let run = 0; run < 4; run++) {
      const once = world.run('once', '--config', 'rekeyd.yaml');
      expect(await once.ended).toEqual({ code: 0 });
      expect(await world.secret()).toBe(await world.live());
      mints.push(world.kronup.mints());
      const names = ['journal.db', 'journal.db-wal', 'journal.db-shm'];
      await Promise.all(names.map((name) => rm(join(world.folder, name), { force: true })));
      const { schedule, at } = slotIn(0);
      await world.configureBoth(world.both(0, { schedule }));
      await world.passed(at);
    }
    expect(mints).toEqual([0, 1, 2, 3]);
  });
});
