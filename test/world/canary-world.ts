/**
 * A daemon whose every credential is known to the test, among services that repeat in their errors all that they were sent: the
 * emulated Kronup, a server in place of AWS, files with what is not the account's own.
 */
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';
import type { KronupFault } from '../../src/emulators/kronup/fault.ts';
import { error, startFakeAws } from '../stores/aws-secrets-manager/fake-aws.ts';
import type { Call, FakeAws } from '../stores/aws-secrets-manager/fake-aws.ts';
import { filesIn } from './canary.ts';
import type { Place } from './canary.ts';
import type { RunningProcess } from './daemon-process.ts';
import { daemonWorld, probesOf } from './daemon-world.ts';
import type { AccountWords, DaemonWorld, Words } from './daemon-world.ts';

/** Of somebody else, in a target. */
export const FOREIGN = 'opaque+canary/value==?&%20\\"of-somebody-else-8d1f0c7e';
/** A manager credential that Kronup refuses, in the environment. */
export const OTHER_MANAGER = 'opaque.manager~canary+of/another=provider-51c2e9a0';
/** Of another client, in the form in which services name their errors as well: letters and digits alone. */
const CLIENT_SECRET = 'cAnArYZk3v9QmT1xLw7BcR5nYd8HsG2fJp6KaE4uVt0NiXoCqSzMbWyDhUgFjPrA';
/** Of AWS: the secret key is never sent, the session's token with each request. */
const AWS_SECRET_KEY = 'canary/Secret+Key/of/AWS/0123456789abcdef';
const AWS_SESSION_TOKEN = `canarySessionToken${'Zx9/+'.repeat(40)}end==`;

const CRASHING = pathToFileURL(join(import.meta.dirname, 'crash-on-signal.mjs')).href;

type Operation = NonNullable<KronupFault['operation']>;

export interface CanaryWorld extends DaemonWorld {
  /** Held by a file, a secret at AWS, and a document with a key; converged. */
  readonly good: AccountWords;
  /** Held back: its target has what is somebody else's. */
  readonly foreign: AccountWords;
  /** Held back: its manager credential is refused. */
  readonly refused: AccountWords;
  readonly aws: FakeAws;
  /** All credentials so far. */
  readonly credentials: ReadonlySet<string>;
  /** Adds those that Kronup accepts now. */
  remember(): Promise<void>;
  /**
   * Kronup answers the next such request with this status, and repeats all credentials, one of them as the id of the error;
   * `when`: before or after the effect.
   */
  repeat(operation: Operation, status: number, when?: 'before' | 'after'): void;
  /** All that a daemon answers to whoever asks by its socket or its probes. */
  answers(daemon: RunningProcess): Promise<Place[]>;
  /** All files but those that credentials belong into. */
  files(): Promise<Place[]>;
  configureAll(): Promise<void>;
}

export async function canaryWorld({ crash }: { readonly crash?: string } = {}): Promise<CanaryWorld> {
  const aws = await repeatingAws();
  const world = await daemonWorld({ environment: environmentOf(crash) });
  const [good, foreign, refused] = [
    world.account(0, { targets: targetsOf(world) }),
    world.account(1),
    world.account(2, { provider: 'other' }),
  ];
  const credentials = new Set([
    FOREIGN,
    OTHER_MANAGER,
    CLIENT_SECRET,
    AWS_SECRET_KEY,
    AWS_SESSION_TOKEN,
    world.kronup.manager.token.reveal(),
  ]);
  const remember = async () => {
    for (const index of [0, 1, 2]) credentials.add(await world.live(index));
  };
  await remember();
  await world.put(`${foreign.name}.token`, FOREIGN);
  await world.put('document.json', JSON.stringify({ theirs: FOREIGN }));
  await chmod(join(world.folder, 'secrets', 'document.json'), 0o600);
  const names = [good, foreign, refused].map(({ name }) => name);
  return {
    ...world,
    aws,
    good,
    foreign,
    refused,
    credentials,
    remember,
    repeat(operation, status, when = 'before') {
      const all = [...credentials].join(' ');
      const body = { id: CLIENT_SECRET, message: `refused: ${all}`, at: all };
      world.kronup.fault({ kind: 'status', operation, status, body, retryAfter: 0, times: 1, when });
    },
    answers: async (daemon) => answersOf(world, daemon, { names, token: await world.live(0) }),
    files: () => filesIn(world.folder, ['secrets', 'manager-token']),
    configureAll: () => world.configure([good, foreign, refused], connectionsOf(world, aws)),
  };
}

/** Keeps secrets as AWS does. Whatever it is told to refuse, it repeats with the credentials of the caller. */
async function repeatingAws(): Promise<FakeAws> {
  const aws = await startFakeAws();
  onTestFinished(() => aws[Symbol.asyncDispose]());
  const versions: Call['body'][] = [];
  const current = () => versions.at(-1);
  const refusals = ['AccessDeniedException', 'InvalidRequestException', 'NobodyKnowsThisOne'];
  aws.on('DescribeSecret', () => ({ json: { ARN: 'arn', Name: 'prod/app', VersionIdsToStages: {} } }));
  aws.on('ListSecretVersionIds', { json: { Versions: [] } });
  aws.on('UpdateSecretVersionStage', { json: { ARN: 'arn' } });
  aws.on('GetSecretValue', () => {
    const { ClientRequestToken, SecretString } = current() ?? {};
    if (SecretString === undefined) return error('ResourceNotFoundException', 'no such version');
    return { json: { ARN: 'arn', VersionId: ClientRequestToken, SecretString } };
  });
  aws.on('PutSecretValue', ({ body }) => {
    const refusal = refusals.shift();
    const words = `not with ${String(body['SecretString'])} and x-amz-security-token:${AWS_SESSION_TOKEN}`;
    if (refusal !== undefined) return error(refusal, words);
    versions.push(body);
    return { json: { ARN: 'arn', VersionId: body['ClientRequestToken'], VersionStages: ['AWSCURRENT'] } };
  });
  aws.on('CreateSecret', ({ body }) => {
    versions.push(body);
    return { json: { ARN: 'arn', VersionId: body['ClientRequestToken'] } };
  });
  return aws;
}

function environmentOf(crash: string | undefined): Readonly<Record<string, string>> {
  const environment = {
    OTHER_MANAGER,
    AWS_ACCESS_KEY_ID: 'AKIACANARY',
    AWS_SECRET_ACCESS_KEY: AWS_SECRET_KEY,
    AWS_SESSION_TOKEN,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  return crash === undefined
    ? environment
    : { ...environment, CRASH_WITH: crash, NODE_OPTIONS: `--import ${CRASHING}` };
}

function targetsOf(world: DaemonWorld): Words[] {
  const { name } = world.emulated(0);
  return [
    { store: 'files', address: `${name}.token`, consumerLag: '0s' },
    { store: 'files', address: 'document.json', format: { kind: 'key', key: 'ours' }, consumerLag: '0s' },
    { store: 'files', address: 'ours.env', format: { kind: 'dotenv', variable: 'TOKEN' }, consumerLag: '0s' },
    { store: 'aws', address: 'prod/app', create: true, consumerLag: '0s' },
  ];
}

function connectionsOf({ folder, gate }: DaemonWorld, aws: FakeAws): Words {
  const baseUrl = `${gate.origin}/v1`;
  return {
    providers: {
      kronup: { kind: 'kronup', baseUrl, token: { file: join(folder, 'manager-token') }, rate: 1_000 },
      other: { kind: 'kronup', baseUrl, token: { env: 'OTHER_MANAGER' }, organisation: 'other' },
    },
    stores: {
      files: { kind: 'file', directory: join(folder, 'secrets') },
      aws: { kind: 'aws-secrets-manager', region: 'eu-central-1', endpoint: aws.url },
    },
  };
}

/** All that a daemon answers to whoever asks by its socket or its probes; also who asks by a credential, in a wrong place. */
export async function answersOf(
  world: Pick<DaemonWorld, 'ask'>,
  daemon: RunningProcess,
  { names, token }: { readonly names: readonly string[]; readonly token: string },
): Promise<Place[]> {
  const paths = [
    '/v1/status',
    '/v1/accounts?rows=true',
    '/v1/rotations',
    '/v1/nothing-here',
    `/v1/${token}`,
    `/v1/accounts/${token}`,
    `/v1/rotations/${token}`,
    `/v1/rotations?account=${token}`,
    `/v1/accounts?${token}=1`,
    ...names.flatMap((name) => [`/v1/accounts/${name}`, `/v1/accounts/${name}/facts?limit=1000`]),
  ];
  const api = paths.map(async (path) => {
    const { body } = await world.ask({ method: 'GET', path });
    return { name: path.replace(token, '…'), content: JSON.stringify(body) };
  });
  const posts = [
    { accounts: [token], reason: 'x' },
    { accounts: [names[0]], reason: `leaked: ${token} ${FOREIGN}`, dryRun: true },
    { accounts: names, reason: 'x', [token]: token },
    { [token]: [token] },
  ].map(async (body, index) => {
    const answer = await world.ask({ method: 'POST', path: '/v1/rotations', body });
    return { name: `POST ${index}`, content: JSON.stringify(answer.body) };
  });
  const urls = ['/metrics', '/readyz', `/${token}`, `/readyz/accounts/${token}`];
  const probes = [...urls, ...names.map((name) => `/readyz/accounts/${name}`)].map(async (path) => {
    const answer = await fetch(`${probesOf(daemon.log)}${path}`);
    return { name: path.replace(token, '…'), content: await answer.text() };
  });
  return await Promise.all([...api, ...posts, ...probes]);
}
