import { describe, expect, it } from 'vitest';
import { awsSecretsManager } from '../../../src/stores/aws-secrets-manager/entry.ts';

const ARN = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/app-AbC123';

describe('the configuration of a store in AWS Secrets Manager', () => {
  it('needs no word at all', () => {
    expect(awsSecretsManager.schema.parse({})).toEqual({ timeout: 10_000, rate: 20 });
  });

  it.each([
    ['an unknown word', { regoin: 'eu-central-1' }],
    ['a region that is none', { region: 'Frankfurt' }],
    ['an endpoint that is no address', { endpoint: 'localhost:5000' }],
    ['an endpoint of another protocol', { endpoint: 'ftp://localhost' }],
    ['a rate of nothing', { rate: 0 }],
    ['a role that is no ARN', { assumeRole: { arn: 'writer' } }],
    [
      'a session name that AWS refuses',
      { assumeRole: { arn: 'arn:aws:iam::123456789012:role/w', sessionName: 'a b' } },
    ],
  ])('refuses %s', (_what, config) => {
    expect(awsSecretsManager.schema.safeParse(config).success).toBe(false);
  });

  it('refuses a word of a target that it does not know', () => {
    expect(awsSecretsManager.targetSchema.safeParse({ kmsKey: 'alias/app' }).success).toBe(false);
  });
});

describe('the address of a secret', () => {
  it.each(['prod/app/token', 'a', 'with_all+=.@-signs', ARN])('may be %s', (address) => {
    expect(problem(address)).toBeUndefined();
  });

  it.each([
    ['', /empty/],
    ['with space', /character/],
    ['x'.repeat(513), /512/],
    ['arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/app', /partial/],
    ['arn:aws:s3:::bucket', /no full ARN/],
    [ARN.replace('eu-central-1', 'us-east-1'), /region us-east-1, and the store in eu-central-1/],
  ])('may not be %j', (address, wantWords) => {
    expect(problem(address)).toMatch(wantWords);
  });
});

describe('the location of a secret', () => {
  it('is the same by name and by ARN', () => {
    expect(locate(ARN)).toBe(locate('prod/app'));
  });

  it('is the same by name and by ARN where the environment says the region', () => {
    expect(locate(ARN, {})).toBe(locate('prod/app', {}));
  });

  it('is the same by name and by ARN of the account whose role is assumed', () => {
    const assumeRole = { arn: 'arn:aws:iam::123456789012:role/writer' };
    const config = { region: 'eu-central-1', assumeRole };
    expect(locate(ARN, config)).toBe(locate('prod/app', config));
  });

  it.each([
    ['region', { region: 'eu-west-1' }],
    ['endpoint', { region: 'eu-central-1', endpoint: 'http://localhost:5000' }],
    ['account', { region: 'eu-central-1', assumeRole: { arn: 'arn:aws:iam::999999999999:role/writer' } }],
  ])('differs by %s', (_what, config) => {
    expect(locate('prod/app', config)).not.toBe(locate('prod/app'));
    const led = awsSecretsManager.leadsTo(parsed({ region: 'eu-central-1' }));
    expect(awsSecretsManager.leadsTo(parsed(config))).not.toBe(led);
  });
});

function problem(address: string): string | undefined {
  return awsSecretsManager.addressProblem(parsed({ region: 'eu-central-1' }), address);
}

function locate(
  address: string,
  config: Readonly<Record<string, unknown>> = { region: 'eu-central-1' },
): string {
  return awsSecretsManager.locate(parsed(config), address);
}

function parsed(
  config: Readonly<Record<string, unknown>>,
): ReturnType<typeof awsSecretsManager.schema.parse> {
  return awsSecretsManager.schema.parse(config);
}
