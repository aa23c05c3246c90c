// What AWS does and moto does not: labels put back, refusals in a state, lost answers, a full quota.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Failure, Result } from '../../../src/domain/failure.ts';
import { SecretBytes } from '../../../src/domain/secret.ts';
import type { Store, Written } from '../../../src/ports/store.ts';
import { FakeClock } from '../../world/fake-clock.ts';
import { error, startFakeAws } from './fake-aws.ts';
import type { Answer, Call, FakeAws } from './fake-aws.ts';
import { endless, openStore, useStaticCredentials } from './open.ts';

const PLACE = { address: 'prod/app', options: {} };
const OURS = '0198c0de-0000-7000-8000-000000000001';
const THEIRS = '0198c0de-0000-7000-8000-00000000000f';
const NOON_S = Date.parse('2026-01-05T12:00:00Z') / 1_000;
const CONFLICT: Result<Written> = { ok: true, value: { outcome: 'conflict' } };
const WRITTEN: Result<Written> = { ok: true, value: { outcome: 'written', version: OURS } };
const MISPLACED = error('InvalidParameterException', 'The staging label is not on that version');

let aws: FakeAws;
let store: Store;

beforeEach(async () => {
  aws = await startFakeAws();
  useStaticCredentials();
  store = await openStore({
    config: { endpoint: aws.url, region: 'eu-central-1' },
    clock: new FakeClock(NOON_S * 1_000),
  });
  aws.on('UpdateSecretVersionStage', { json: { ARN: 'arn' } });
  aws.on('ListSecretVersionIds', { json: { ARN: 'arn', Versions: [] } });
});

afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await aws[Symbol.asyncDispose]();
});

describe('a value that somebody wrote', () => {
  it('is dated by its version', async () => {
    versions({ current: THEIRS, times: { [THEIRS]: NOON_S } });
    expect(await store.read(PLACE, { signal: endless() })).toMatchObject({
      value: { lastWrite: { at: NOON_S * 1_000 } },
    });
  });
});

describe('a put that AWS ignores, because the token was used before', () => {
  beforeEach(() => aws.on('PutSecretValue', put([])));

  it('is a write where our version is current', async () => {
    versions({ current: OURS });
    expect(await write()).toEqual(WRITTEN);
  });

  it('is no write where somebody wrote a newer value since', async () => {
    versions({ current: THEIRS, times: { [OURS]: NOON_S, [THEIRS]: NOON_S + 1 } });
    expect(await write()).toEqual(CONFLICT);
    expect(labelMoves()).toEqual([]);
  });

  it('is made one where somebody put an older version back: the label is moved to ours', async () => {
    versions({ current: THEIRS, times: { [OURS]: NOON_S, [THEIRS]: NOON_S - 1 } });
    expect(await write()).toEqual(WRITTEN);
    expect(labelMoves()).toEqual([
      {
        SecretId: 'prod/app',
        VersionStage: 'AWSCURRENT',
        MoveToVersionId: OURS,
        RemoveFromVersionId: THEIRS,
      },
    ]);
  });
});

describe('a token that names a version with another value', () => {
  it('is refused with a way out, where that version is not current', async () => {
    aws.on('PutSecretValue', error('ResourceExistsException', 'already in use'));
    versions({ current: THEIRS });
    const failure = failureIn(await write());
    expect(failure.kind).toBe('target-refused');
    expect(failure.message).toContain('put any new value there');
  });
});

describe('a write upon a version', () => {
  beforeEach(() =>
    aws.on('DescribeSecret', describedAs({ VersionIdsToStages: { [THEIRS]: ['AWSCURRENT'] } })),
  );

  it('puts the value under a label of its own, moves the current label, and takes its own off at the next look', async () => {
    aws.on('PutSecretValue', put(['rekeyd-pending']));
    expect(await write({ ifVersion: THEIRS })).toEqual(WRITTEN);
    versions({ current: OURS, labels: ['AWSCURRENT', 'rekeyd-pending'] });
    await look();
    const where = { SecretId: 'prod/app' };
    expect(aws.calls[1]?.body).toMatchObject({ VersionStages: ['rekeyd-pending'], ClientRequestToken: OURS });
    expect(labelMoves()).toEqual([
      { ...where, VersionStage: 'AWSCURRENT', MoveToVersionId: OURS, RemoveFromVersionId: THEIRS },
      { ...where, VersionStage: 'rekeyd-pending', RemoveFromVersionId: OURS },
    ]);
  });

  it('is done where the label is on our version already, by a call whose answer was lost', async () => {
    aws.on('PutSecretValue', put([]));
    aws.on('UpdateSecretVersionStage', MISPLACED);
    aws.on('DescribeSecret', describedAs({ VersionIdsToStages: { [OURS]: ['AWSCURRENT'] } }));
    expect(await write({ ifVersion: THEIRS })).toEqual(WRITTEN);
  });

  it('is a conflict where the secret is gone', async () => {
    aws.on('PutSecretValue', error('ResourceNotFoundException', 'no such secret'));
    expect(await write({ ifVersion: THEIRS })).toEqual(CONFLICT);
  });

  it('puts nothing where another version is current already', async () => {
    aws.on('DescribeSecret', describedAs({ VersionIdsToStages: { other: ['AWSCURRENT'] } }));
    expect(await write({ ifVersion: THEIRS })).toEqual(CONFLICT);
    expect(await write({ ifVersion: 'absent' })).toEqual(CONFLICT);
    expect(aws.calls.map(({ action }) => action)).toEqual(['DescribeSecret', 'DescribeSecret']);
  });

  it('is a conflict where nothing should be there, and somebody made the secret meanwhile', async () => {
    aws.on('DescribeSecret', error('ResourceNotFoundException', 'no such secret'));
    aws.on('PutSecretValue', error('ResourceNotFoundException', 'no such secret'));
    aws.on('CreateSecret', error('ResourceExistsException', 'already exists'));
    expect(await write({ ifVersion: 'absent', create: true })).toEqual(CONFLICT);
  });
});

describe('a look', () => {
  it('makes no call more where no label was left', async () => {
    versions({ current: OURS, labels: ['AWSCURRENT'] });
    await look();
    expect(aws.calls.map(({ action }) => action)).toEqual(['GetSecretValue']);
  });

  it.each([
    ['somebody else took it off', MISPLACED],
    ['that is refused', error('AccessDeniedException', 'not authorized')],
  ])('shows the value although the label that was left cannot be taken off: %s', async (_why, answer) => {
    versions({ current: OURS, labels: ['AWSCURRENT', 'rekeyd-pending'] });
    aws.on('UpdateSecretVersionStage', answer);
    expect(await look()).toMatchObject({ ok: true, value: { state: 'present', version: OURS } });
    expect(labelMoves()).toHaveLength(1);
  });
});

describe('a secret in a state that forbids it', () => {
  const DELETED = error(
    'InvalidRequestException',
    'You can’t perform this operation on the secret: it was marked for deletion',
  );

  it.each([
    ['read', () => store.read(PLACE, { signal: endless() })],
    ['written', () => write()],
    ['written upon a version', () => write({ ifVersion: THEIRS })],
  ])('is not %s when marked for deletion, and the failure says until when', async (_what, act) => {
    aws.on('GetSecretValue', DELETED);
    aws.on('PutSecretValue', DELETED);
    aws.on('DescribeSecret', describedAs({ DeletedDate: NOON_S }));
    const failure = failureIn(await act());
    expect(failure.kind).toBe('target-refused');
    expect(failure.message).toContain('marked for deletion (2026-01-05)');
  });

  it('is refused for what AWS says, where it is not marked for deletion', async () => {
    aws.on('PutSecretValue', error('InvalidRequestException', 'A previous rotation isn’t complete'));
    aws.on('DescribeSecret', describedAs({}));
    expect(failureIn(await write()).message).toContain('A previous rotation isn’t complete');
  });

  it.each([
    [{ OwningService: 'rds' }, 'the service rds, which owns it'],
    [{ RotationEnabled: true, RotationLambdaARN: 'arn:lambda' }, 'the rotation function arn:lambda'],
  ])('is refused by a preflight when it is %o', async (state, wantWords) => {
    aws.on('DescribeSecret', describedAs(state));
    expect(failureIn(await preflight()).message).toContain(wantWords);
  });
});

describe('the quota of versions', () => {
  beforeEach(() => aws.on('DescribeSecret', describedAs({})));

  it('stops a preflight when ninety versions are younger than a day, on whichever page: the rest is left', async () => {
    aws.on('ListSecretVersionIds', ({ body }) =>
      body['NextToken'] === undefined ? page(60, NOON_S - 60, 'more') : page(30, NOON_S - 86_000),
    );
    const failure = failureIn(await preflight());
    expect(failure.message).toContain('got 90 versions in the last 24 hours');
  });

  it('does not stop a preflight before', async () => {
    aws.on('ListSecretVersionIds', page(89, NOON_S - 60));
    expect(await preflight()).toMatchObject({ ok: true });
  });

  it('does not count versions that are older', async () => {
    aws.on('ListSecretVersionIds', page(100, NOON_S - 86_401));
    expect(await preflight()).toMatchObject({ ok: true });
  });

  it('is named when it is full', async () => {
    versions({ current: THEIRS });
    aws.on('PutSecretValue', error('LimitExceededException', 'You have exceeded the maximum'));
    expect(failureIn(await preflight({ realWrite: true })).message).toContain('about 100 versions');
  });
});

describe('a preflight', () => {
  beforeEach(() => {
    versions({ current: THEIRS });
    aws.on('DescribeSecret', describedAs({ KmsKeyId: 'alias/app' }));
    aws.on('PutSecretValue', (call) => put(['rekeyd-probe'])(call));
  });

  it('tries the current value, under a token that was never used and a label that nobody reads', async () => {
    await preflight({ realWrite: true });
    await preflight({ realWrite: true });
    const puts = aws.calls.filter(({ action }) => action === 'PutSecretValue').map(({ body }) => body);
    expect(puts).toHaveLength(2);
    for (const body of puts) {
      expect(body).toMatchObject({ SecretString: 'value', VersionStages: ['rekeyd-probe'] });
    }
    expect(puts[0]?.['ClientRequestToken']).not.toBe(puts[1]?.['ClientRequestToken']);
  });

  it('fails where the label may not be moved, because a write upon a version needs that', async () => {
    aws.on('UpdateSecretVersionStage', error('AccessDeniedException', 'not authorized'));
    expect(failureIn(await preflight({ realWrite: true })).message).toContain(
      'secretsmanager:UpdateSecretVersionStage',
    );
  });

  it('asks once who the caller is, and names the key', async () => {
    await preflight();
    const ready = await preflight();
    const want = 'arn:aws:sts::123456789012:assumed-role/rekeyd with the key alias/app';
    expect(ready.ok && ready.value.identity).toBe(want);
    expect(aws.calls.filter(({ action }) => action === 'GetCallerIdentity')).toHaveLength(1);
  });
});

function write(
  how: { readonly ifVersion?: string; readonly create?: boolean } = {},
): Promise<Result<Written>> {
  const { create = false, ...rest } = how;
  const options = { signal: endless(), writeToken: OURS, ...rest };
  return store.write({ ...PLACE, options: { create } }, new SecretBytes('value'), options);
}

/** As the daemon looks at its targets. */
function look(): ReturnType<Store['read']> {
  return store.read(PLACE, { signal: endless(), tidy: true });
}

function preflight({ realWrite = false } = {}): ReturnType<Store['preflight']> {
  return store.preflight(PLACE, { signal: endless(), size: 10, realWrite });
}

/** A put that answers with the version that was asked for, under these labels. */
function put(labels: readonly string[]): (call: Call) => Answer {
  return ({ body }) => ({
    json: { ARN: 'arn', VersionId: body['ClientRequestToken'], VersionStages: labels },
  });
}

function versions(seen: {
  readonly current: string;
  readonly labels?: readonly string[];
  readonly times?: Readonly<Record<string, number>>;
}): void {
  aws.on('GetSecretValue', ({ body }) => {
    const VersionId = typeof body['VersionId'] === 'string' ? body['VersionId'] : seen.current;
    const CreatedDate = seen.times?.[VersionId] ?? NOON_S;
    const VersionStages = seen.labels;
    return { json: { ARN: 'arn', VersionId, VersionStages, SecretString: 'value', CreatedDate } };
  });
}

function describedAs(state: Readonly<Record<string, unknown>>): Answer {
  return { json: { ARN: 'arn', Name: 'prod/app', ...state } };
}

function page(count: number, CreatedDate: number, NextToken?: string): Answer {
  const Versions = Array.from({ length: count }, (_, index) => ({ VersionId: `v${index}`, CreatedDate }));
  return { json: { ARN: 'arn', Versions, ...(NextToken === undefined ? {} : { NextToken }) } };
}

function labelMoves(): Call['body'][] {
  return aws.calls.filter(({ action }) => action === 'UpdateSecretVersionStage').map(({ body }) => body);
}

function failureIn(result: Result<unknown>): Failure {
  if (result.ok) throw new Error('it succeeded');
  return result.failure;
}
