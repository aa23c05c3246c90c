/**
 * A daemon whose every credential is known to the test, which delivers from Keycard to a cluster and has consumers take that up: each of
 * the services answers in between by errors that repeat all credentials there are, those too that nobody here was told of.
 */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { startKeycardEmulator } from '../../src/emulators/keycard/emulator.ts';
import type { KeycardEmulator } from '../../src/emulators/keycard/emulator.ts';
import { systemClock } from '../../src/system/clock.ts';
import { systemRandom } from '../../src/system/random.ts';
import { answersOf } from './canary-world.ts';
import { filesIn } from './canary.ts';
import type { Place } from './canary.ts';
import type { RunningProcess } from './daemon-process.ts';
import { daemonWorld } from './daemon-world.ts';
import type { AccountWords, DaemonWorld, Words } from './daemon-world.ts';
import { startRepeater } from './repeater.ts';
import type { Asked, Repeater, Said } from './repeater.ts';
import { smallCluster } from './small-cluster.ts';

/** One target with two consumers for each: what is done there is answered in this way for the first time. */
export const STATUSES = [302, 400, 403, 409, 422, 429, 500] as const;

export interface CanaryClusterWorld extends Omit<DaemonWorld, 'live'> {
  readonly keycard: Repeater;
  readonly cluster: Repeater;
  readonly webhooks: Repeater;
  /** Held by a Secret for each status, which a Deployment and a webhook read. */
  readonly good: AccountWords;
  /** Held back: its manager credential is refused. */
  readonly refused: AccountWords;
  /** All credentials so far. */
  readonly credentials: ReadonlySet<string>;
  readonly signingKey: string;
  /** The keys of the Secret for a status. */
  secret(status: number): Readonly<Record<string, string>>;
  /** The client secret that Keycard gave last for the good account. */
  live(): string;
  answers(daemon: RunningProcess): Promise<Place[]>;
  /** All files but those that credentials belong into. */
  files(): Promise<Place[]>;
  configureAll(): Promise<void>;
}

/** To be called in a test. */
export async function canaryClusterWorld(): Promise<CanaryClusterWorld> {
  const [signingKey, otherSecret, bearer, foreign] = [
    `whsec_${opaque('webhook')}`,
    opaque('manager'),
    opaque('bearer'),
    opaque('theirs'),
  ];
  const world = await daemonWorld({ environment: { OTHER_SECRET: otherSecret, SIGNING_KEY: signingKey } });
  const emulator = await startKeycardEmulator({ clock: systemClock(), random: systemRandom(), accounts: 2 });
  onTestFinished(() => emulator[Symbol.asyncDispose]());
  const credentials = new Set([
    emulator.manager.clientSecret.reveal(),
    signingKey,
    otherSecret,
    bearer,
    foreign,
  ]);
  // Whoever checks signatures knows it so.
  credentials.add(signingKey.replace('whsec_', ''));
  const { good, refused } = accountsOf(emulator);
  const { clientId, clientSecret: first } = emulator.liveCredential(good.accountId);
  credentials.add(first.reveal());
  const held = { theirs: foreign, 'client-id': clientId, 'client-secret': first.reveal() };
  const small = smallCluster(Object.fromEntries(STATUSES.map((status) => [`secret-${status}`, held])));
  const keycard = await startRepeater(credentials, async (asked) => {
    const said = await passedOn(emulator, asked);
    for (const each of credentialsIn(said)) credentials.add(each);
    return said;
  });
  keycard.repeat({
    name: 'a refused manager',
    which: ({ headers }) => clientSecretIn(headers['authorization']) === otherSecret,
    status: 401,
    times: Infinity,
  });
  const cluster = await startRepeater(credentials, small.answer);
  const webhooks = await startRepeater(credentials, () => ({ status: 204, text: '' }));
  await writeFile(join(world.folder, 'keycard-secret'), emulator.manager.clientSecret.reveal(), {
    mode: 0o600,
  });
  await writeFile(join(world.folder, 'cluster-token'), bearer, { mode: 0o600 });
  const origins = { keycard: keycard.origin, cluster: cluster.origin, webhooks: webhooks.origin };
  const live = () => emulator.liveCredential(good.accountId).clientSecret.reveal();
  return {
    ...world,
    keycard,
    cluster,
    webhooks,
    good,
    refused,
    credentials,
    signingKey,
    secret: (status) => small.secret(`secret-${status}`),
    live,
    // Of an opaque one in a wrong place, who asks is told his own words where the daemon does not know it.
    answers: (daemon) => {
      const token = [...credentials].find((credential) => credential.startsWith('eyJ')) ?? '';
      return answersOf(world, daemon, { names: [good.name, refused.name], token });
    },
    files: () => filesIn(world.folder, ['secrets', 'manager-token', 'keycard-secret', 'cluster-token']),
    configureAll: () => world.configure([good, refused], connectionsOf(world, emulator, origins)),
  };
}

/** As many services make theirs: bytes in base64. */
function opaque(seed: string): string {
  return createHash('shake256', { outputLength: 33 }).update(seed).digest('base64');
}

async function passedOn({ origin }: KeycardEmulator, { method, path, headers, body }: Asked): Promise<Said> {
  const answer = await fetch(`${origin}${path}`, { method, headers, ...(body === '' ? {} : { body }) });
  return {
    status: answer.status,
    text: await answer.text(),
    headers: { 'content-type': answer.headers.get('content-type') ?? 'text/plain' },
  };
}

function clientSecretIn(authorization = ''): string | undefined {
  const [, encoded = ''] = /^Basic (.+)$/.exec(authorization) ?? [];
  const [, secret = ''] = Buffer.from(encoded, 'base64').toString().split(':');
  return decodeURIComponent(secret);
}

/** What Keycard gave away with an answer. */
function credentialsIn({ text }: Said): string[] {
  return [...text.matchAll(/"(?:access_token|client_secret)":"([^"]+)"/g)].map(([, value = '']) => value);
}

function accountsOf({ accounts }: KeycardEmulator): Pick<CanaryClusterWorld, 'good' | 'refused'> {
  const [first, second] = accounts.map(({ id, name }) => ({ name, accountId: id }));
  const format = { kind: 'key', clientIdKey: 'client-id', clientSecretKey: 'client-secret' };
  const targets = STATUSES.map((status) => ({
    store: 'cluster',
    address: `shop/secret-${status}`,
    format,
    takeOver: true,
    consumerLag: '0s',
    consumers: { restart: [`Deployment shop/deployment-${status}`], webhook: [`webhook-${status}`] },
  }));
  const more = { provider: 'keycard', strategy: 'overlap', grace: '1s', retireHardLimit: '1s', targets };
  const target = { store: 'files', address: 'refused', format: { kind: 'json' }, consumerLag: '0s' };
  return {
    good: { name: 'good', accountId: '', ...first, ...more },
    refused: { name: 'refused', accountId: '', ...second, ...more, provider: 'other', targets: [target] },
  };
}

function connectionsOf(
  { folder }: DaemonWorld,
  { manager: { clientId } }: KeycardEmulator,
  origins: Readonly<Record<'keycard' | 'cluster' | 'webhooks', string>>,
): Words {
  const keycard = { kind: 'keycard', baseUrl: origins.keycard, clientId, rate: 1_000 };
  const cluster = { server: origins.cluster, token: { file: join(folder, 'cluster-token') } };
  const webhooks = STATUSES.map((status) => [
    `webhook-${status}`,
    { kind: 'webhook', url: `${origins.webhooks}/${status}`, signingKey: { env: 'SIGNING_KEY' } },
  ]);
  return {
    providers: {
      keycard: { ...keycard, clientSecret: { file: join(folder, 'keycard-secret') } },
      other: { ...keycard, clientSecret: { env: 'OTHER_SECRET' } },
    },
    stores: {
      files: { kind: 'file', directory: join(folder, 'secrets') },
      cluster: { kind: 'kubernetes-secret', ...cluster },
    },
    consumers: {
      cluster: { kind: 'kubernetes', ...cluster },
      ...(Object.fromEntries(webhooks) as Words),
    },
    defaults: { minInterval: '1s', rotateOnAdopt: true },
  };
}
