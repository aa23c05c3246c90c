// What becomes of everything that AWS, the network and the source of credentials can do wrong.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Secret, SecretBytes } from '../../../src/domain/secret.ts';
import type { Failure, Result } from '../../../src/domain/failure.ts';
import type { Store } from '../../../src/ports/store.ts';
import { FakeClock, settle } from '../../world/fake-clock.ts';
import { error, freshCredentials, startFakeAws } from './fake-aws.ts';
import type { Answer, FakeAws } from './fake-aws.ts';
import { endless, openStore, useStaticCredentials } from './open.ts';

const PLACE = { address: 'prod/app', options: {} };
const CURRENT: Answer = {
  json: { ARN: 'arn', VersionId: 'v1', SecretString: 'value', CreatedDate: 1_767_571_200 },
};
const TOKEN = '0198c0de-0000-7000-8000-000000000001';

let aws: FakeAws;
let store: Store;
let clock: FakeClock;

beforeEach(async () => {
  aws = await startFakeAws();
  clock = new FakeClock();
  useStaticCredentials();
  store = await open();
});

afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await aws[Symbol.asyncDispose]();
});

describe('an error of AWS', () => {
  it.each([
    ['ThrottlingException', 400, 'rate-limited', /throttles/],
    ['ExpiredTokenException', 400, 'credential-refused', /have expired/],
    ['UnrecognizedClientException', 400, 'credential-refused', /does not accept the credentials/],
    ['InvalidSignatureException', 400, 'credential-refused', /clock is right/],
    ['AccessDeniedException', 400, 'target-refused', /secretsmanager:PutSecretValue on prod\/app .*denied/],
    ['ResourceNotFoundException', 400, 'target-refused', /create: true/],
    ['LimitExceededException', 400, 'target-refused', /100 versions.*24 hours/],
    ['EncryptionFailure', 400, 'target-refused', /kms:GenerateDataKey/],
    ['DecryptionFailure', 400, 'target-refused', /kms:Decrypt/],
    ['InvalidParameterException', 400, 'target-refused', /options/],
    ['InternalServiceError', 500, 'store-unavailable', /fault of its own/],
    ['NobodyKnowsThisOne', 503, 'store-unavailable', /status 503/],
    ['NobodyKnowsThisOne', 429, 'rate-limited', /throttles/],
    ['NobodyKnowsThisOne', 403, 'target-refused', /denied/],
    ['NobodyKnowsThisOne', 400, 'store-unavailable', /not one of AWS/],
  ])('%s with status %i is %s', async (name, status, wantKind, wantWords) => {
    aws.on('PutSecretValue', error(name, 'what AWS says', status));
    const failure = failureIn(await write());
    expect(failure.kind).toBe(wantKind);
    expect(failure.message).toMatch(wantWords);
  });

  it('is told with the request id, for those who ask AWS about it', async () => {
    aws.on('PutSecretValue', error('AccessDeniedException', 'User: x is not authorized'));
    const failure = failureIn(await write());
    expect(failure.message).toMatch(/AccessDeniedException, request request-42/);
    expect(failure.message).toContain('User: x is not authorized');
    expect(failure.id).toBe('AccessDeniedException');
  });

  it('says how long AWS asks to be left alone', async () => {
    const json = { __type: 'ThrottlingException', message: 'Rate exceeded' };
    aws.on('PutSecretValue', { status: 400, json, headers: { 'retry-after': '7' } });
    expect(failureIn(await write()).retryAfterMs).toBe(7_000);
    aws.on('PutSecretValue', { status: 400, json, headers: { 'retry-after': '86400' } });
    expect(failureIn(await write()).retryAfterMs).toBe(300_000);
  });

  it('names no time where something failed, though a proxy does', async () => {
    aws.on('PutSecretValue', { status: 503, text: 'down', headers: { 'retry-after': '86400' } });
    const failure = failureIn(await write());
    expect(failure.kind).toBe('store-unavailable');
    expect(failure.retryAfterMs).toBeUndefined();
  });

  it('is told without a credential that AWS repeats', async () => {
    const secret = new Secret('a-living-credential');
    aws.on('PutSecretValue', error('AccessDeniedException', `not with ${secret.reveal()}`));
    expect(failureIn(await write(secret.reveal())).message).not.toContain('a-living-credential');
  });
});

describe('an answer that is not AWS’s', () => {
  it.each([
    ['a page of a proxy', { text: '<html>value of prod/app</html>' } satisfies Answer],
    ['half an answer', { text: '{"ARN": "ar', type: 'application/x-amz-json-1.1' } satisfies Answer],
    ['an empty object', { json: {} } satisfies Answer],
    ['a version without a value', { json: { ARN: 'arn', VersionId: 'v1' } } satisfies Answer],
    ['a page with status 502', { text: '<html>Bad gateway</html>', status: 502 } satisfies Answer],
  ])('%s makes the store unavailable', async (_what, answer) => {
    aws.on('GetSecretValue', answer);
    const failure = failureIn(await read());
    expect(failure.kind).toBe('store-unavailable');
    expect(failure.message).toMatch(/^secretsmanager:GetSecretValue on prod\/app in eu-central-1 failed: /);
    expect(failure.message).not.toContain('html');
  });

  it('a put that names another version is not taken for a write', async () => {
    aws.on('PutSecretValue', { json: { ARN: 'arn', VersionId: 'other', VersionStages: ['AWSCURRENT'] } });
    expect(failureIn(await write()).kind).toBe('store-unavailable');
  });
});

describe('a call that does not end', () => {
  it.each(['silence', 'trickle'] as const)('ends at the store’s timeout with %s', async (answer) => {
    aws.on('GetSecretValue', answer);
    const reading = read();
    await aws.called('GetSecretValue');
    await clock.advance(10_000);
    const failure = failureIn(await reading);
    expect(failure).toMatchObject({ kind: 'store-unavailable' });
    expect(failure.message).toContain('no answer within 10000 ms');
    expect(failure.message).toContain('blocked on the way: see firewalls, network policies');
  });

  it('ends with the reason of the signal that stops it', async () => {
    aws.on('GetSecretValue', 'silence');
    const controller = new AbortController();
    const reading = store.read(PLACE, { signal: controller.signal });
    await aws.called('GetSecretValue');
    const wantReason = new Error('stopping');
    controller.abort(wantReason);
    await expect(reading).rejects.toBe(wantReason);
  });

  it('leaves no timer behind', async () => {
    aws.on('GetSecretValue', CURRENT);
    await read();
    expect(clock.sleeping).toBe(0);
  });
});

describe('a connection', () => {
  it('that nothing listens at is not made', async () => {
    await aws[Symbol.asyncDispose]();
    const failure = failureIn(await read());
    expect(failure).toMatchObject({ kind: 'not-connected', id: 'ECONNREFUSED' });
  });

  it('that broke is tried once more at once: it may have been closed while it was kept', async () => {
    let answers = 0;
    aws.on('GetSecretValue', () => (++answers === 2 ? 'reset' : CURRENT));
    await read();
    expect(await read()).toMatchObject({ ok: true, value: { state: 'present' } });
    expect(answers).toBe(3);
  });

  it('that breaks again is a failure', async () => {
    aws.on('GetSecretValue', 'reset');
    expect(failureIn(await read()).kind).toBe('store-unavailable');
    expect(aws.calls).toHaveLength(2);
  });

  it('is not made where the file of authorities cannot be read', async () => {
    const other = await open({ ca: '/nowhere/ca.pem' });
    const failure = failureIn(await other.read(PLACE, { signal: endless() }));
    expect(failure.message).toContain('/nowhere/ca.pem cannot be read (ENOENT)');
    await other[Symbol.asyncDispose]();
  });
});

describe('a source of credentials', () => {
  it('that never answers is named, and asked anew by the next call', async () => {
    useContainerCredentials();
    aws.on('GetSecretValue', CURRENT);
    aws.on('credentials', 'silence');
    const reading = read();
    await aws.called('credentials');
    await clock.advance(10_000);
    const failure = failureIn(await reading);
    expect(failure.kind).toBe('store-unavailable');
    expect(failure.message).toContain('the source of the AWS credentials does not answer');
    aws.on('credentials', { json: freshCredentials('AKIASECOND') });
    expect(await read()).toMatchObject({ ok: true });
    expect(aws.calls.at(-1)?.accessKeyId).toBe('AKIASECOND');
  });

  it('is asked anew after AWS refused what it gave', async () => {
    useContainerCredentials();
    aws.on('credentials', { json: freshCredentials('AKIAFIRST') });
    aws.on('GetSecretValue', ({ accessKeyId }) =>
      accessKeyId === 'AKIAFIRST'
        ? error('ExpiredTokenException', 'The security token has expired')
        : CURRENT,
    );
    expect(failureIn(await read()).kind).toBe('credential-refused');
    aws.on('credentials', { json: freshCredentials('AKIASECOND') });
    expect(await read()).toMatchObject({ ok: true });
  });

  it('is asked once for many calls', async () => {
    useContainerCredentials();
    aws.on('GetSecretValue', CURRENT);
    for (let call = 0; call < 3; call++) await read();
    expect(aws.calls.filter(({ action }) => action === 'credentials')).toHaveLength(1);
  });

  it('that refuses a role says why', async () => {
    const role = 'arn:aws:iam::123456789012:role/writer';
    const other = await open({ assumeRole: { arn: role, externalId: 'for-us', tags: { team: 'a' } } });
    const xml =
      '<Error><Code>AccessDenied</Code><Message>not authorized to perform: sts:AssumeRole</Message></Error>';
    aws.on('AssumeRole', { status: 403, type: 'text/xml', text: `<ErrorResponse>${xml}</ErrorResponse>` });
    const failure = failureIn(await other.read(PLACE, { signal: endless() }));
    expect(failure.kind).toBe('credential-refused');
    expect(failure.message).toContain('not authorized to perform: sts:AssumeRole');
    expect(aws.calls.at(-1)?.body).toMatchObject({
      RoleArn: role,
      ExternalId: 'for-us',
      RoleSessionName: 'rekeyd-test',
      'Tags.member.1.Key': 'team',
    });
    await other[Symbol.asyncDispose]();
  });
});

describe('the store’s own rate', () => {
  it('lets a write wait for its turn, and no longer than the timeout', async () => {
    const slow = await open({ rate: 1, timeout: '500ms' });
    aws.on('PutSecretValue', ({ body }) => ({
      json: { ARN: 'arn', VersionId: body['ClientRequestToken'], VersionStages: ['AWSCURRENT'] },
    }));
    const put = () => slow.write(PLACE, new SecretBytes('v'), { signal: endless(), writeToken: TOKEN });
    expect(await put()).toMatchObject({ ok: true });
    const second = put();
    await settle();
    await clock.advance(500);
    expect(failureIn(await second)).toMatchObject({ kind: 'rate-limited', retryAfterMs: 500 });
    await slow[Symbol.asyncDispose]();
  });
});

function open(config: Readonly<Record<string, unknown>> = {}): Promise<Store> {
  return openStore({ config: { endpoint: aws.url, region: 'eu-central-1', ...config }, clock });
}

function read(): ReturnType<Store['read']> {
  return store.read(PLACE, { signal: endless() });
}

function write(text = 'value'): ReturnType<Store['write']> {
  return store.write(PLACE, new SecretBytes(text), { signal: endless(), writeToken: TOKEN });
}

function failureIn(result: Result<unknown>): Failure {
  if (result.ok) throw new Error('it succeeded');
  return result.failure;
}

/** As the pod identity agent and ECS give them. */
function useContainerCredentials(): void {
  vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', undefined);
  vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', `${aws.url}/credentials`);
}
