/** The calls to AWS that the store makes, each with its answer checked. The only file that knows the SDK's commands for secrets. */
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import type {
  DescribeSecretCommandOutput,
  GetSecretValueCommandOutput,
} from '@aws-sdk/client-secrets-manager';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { succeeded } from '../../domain/failure.ts';
import type { Result } from '../../domain/failure.ts';
import { SecretBytes } from '../../domain/secret.ts';
import type { AwsOptions } from './entry.ts';
import { unfit } from './failures.ts';
import type { Session } from './session.ts';

/** The label of the version that consumers read. */
export const CURRENT = 'AWSCURRENT';

/** The label of the version that was current before. */
export const PREVIOUS = 'AWSPREVIOUS';

/** AWS's own limit for one value. */
export const VALUE_BYTES_MAX = 65_536;

export interface SecretVersion {
  readonly id: string;
  readonly bytes: SecretBytes;
  /** Kept as SecretBinary, as opposed to SecretString. */
  readonly binary: boolean;
  /** When it was made, in ms since the epoch. */
  readonly createdAt: number | undefined;
}

export interface Described {
  /** When it was, or will be, deleted, in ms since the epoch. */
  readonly deletedAt: number | undefined;
  /** Who else writes it, in words; `undefined` where nobody does. */
  readonly otherWriter: string | undefined;
  /** The region of the original, where this is a copy. */
  readonly primaryRegion: string | undefined;
  readonly kmsKeyId: string;
  /** Version ids by label. */
  readonly labels: ReadonlyMap<string, string>;
}

/** The calls for one secret within one session. All that change something may be repeated. */
export interface Api {
  readonly address: string;
  /** The version with this label or id; `undefined` where there is none, or no such secret. */
  value(
    which: { readonly label: string } | { readonly version: string },
  ): Promise<Result<SecretVersion | undefined>>;
  /** `undefined` where there is no such secret. */
  describe(): Promise<Result<Described | undefined>>;
  /** Makes a version named by the token, under the label given or else the current one. Answers its labels. */
  put(
    bytes: SecretBytes,
    options: { readonly token: string; readonly binary: boolean; readonly label?: string },
  ): Promise<Result<readonly string[]>>;
  /** Moves a label. Fails with `InvalidParameterException` where it is not on `from`. */
  moveLabel(move: {
    readonly label: string;
    readonly to?: string;
    readonly from?: string;
  }): Promise<Result<void>>;
  /** Makes the secret, with a first version named by the token, or without any. */
  create(
    options: AwsOptions,
    first?: { readonly bytes: SecretBytes; readonly token: string },
  ): Promise<Result<void>>;
  /** When each version was made, those without a label included. In ms since the epoch. */
  versionTimes(): Promise<Result<readonly number[]>>;
}

export function apiFor(session: Session, address: string, where: string): Api {
  const SecretId = address;
  const doing = (action: string) => ({ action: `secretsmanager:${action}`, where });
  return {
    address,

    async value(which) {
      const version = 'label' in which ? { VersionStage: which.label } : { VersionId: which.version };
      const answer = await session.look('secretsmanager:GetSecretValue', ({ secrets, options }) =>
        secrets.send(new GetSecretValueCommand({ SecretId, ...version }), options),
      );
      if (!answer.ok) return isMissing(answer) ? succeeded(undefined) : answer;
      const value = versionOf(answer.value);
      return value === undefined
        ? unfit(doing('GetSecretValue'), undefined, 'VersionId or value missing')
        : succeeded(value);
    },

    async describe() {
      const answer = await session.look('secretsmanager:DescribeSecret', ({ secrets, options }) =>
        secrets.send(new DescribeSecretCommand({ SecretId }), options),
      );
      if (!answer.ok) return isMissing(answer) ? succeeded(undefined) : answer;
      if (answer.value.ARN === undefined) return unfit(doing('DescribeSecret'), undefined, 'ARN missing');
      return succeeded(describedOf(answer.value));
    },

    async put(bytes, { token, binary, label }) {
      const answer = await session.change('secretsmanager:PutSecretValue', ({ secrets, options }) =>
        secrets.send(
          new PutSecretValueCommand({
            SecretId,
            ClientRequestToken: token,
            ...(label === undefined ? {} : { VersionStages: [label] }),
            ...valueOf(bytes, binary),
          }),
          options,
        ),
      );
      if (!answer.ok) return answer;
      if (answer.value.VersionId !== token) {
        return unfit(doing('PutSecretValue'), undefined, 'VersionId is not the one asked for');
      }
      return succeeded(answer.value.VersionStages ?? []);
    },

    async moveLabel({ label, to, from }) {
      const answer = await session.change('secretsmanager:UpdateSecretVersionStage', ({ secrets, options }) =>
        secrets.send(
          new UpdateSecretVersionStageCommand({
            SecretId,
            VersionStage: label,
            ...(to === undefined ? {} : { MoveToVersionId: to }),
            ...(from === undefined ? {} : { RemoveFromVersionId: from }),
          }),
          options,
        ),
      );
      return answer.ok ? succeeded(undefined) : answer;
    },

    async create({ kmsKeyId, description, tags, binary }, first) {
      const Tags = Object.entries(tags ?? {}).map(([Key, Value]) => ({ Key, Value }));
      const answer = await session.change('secretsmanager:CreateSecret', ({ secrets, options }) =>
        secrets.send(
          new CreateSecretCommand({
            Name: address,
            ...(kmsKeyId === undefined ? {} : { KmsKeyId: kmsKeyId }),
            ...(description === undefined ? {} : { Description: description }),
            ...(Tags.length === 0 ? {} : { Tags }),
            ...(first === undefined
              ? {}
              : { ClientRequestToken: first.token, ...valueOf(first.bytes, binary ?? false) }),
          }),
          options,
        ),
      );
      if (!answer.ok) return answer;
      if (first !== undefined && answer.value.VersionId !== first.token) {
        return unfit(doing('CreateSecret'), undefined, 'VersionId is not the one asked for');
      }
      return succeeded(undefined);
    },

    async versionTimes() {
      const times: number[] = [];
      let NextToken: string | undefined;
      do {
        const page = {
          MaxResults: 100,
          IncludeDeprecated: true,
          ...(NextToken === undefined ? {} : { NextToken }),
        };
        const answer = await session.look('secretsmanager:ListSecretVersionIds', ({ secrets, options }) =>
          secrets.send(new ListSecretVersionIdsCommand({ SecretId, ...page }), options),
        );
        if (!answer.ok) return answer;
        for (const { CreatedDate } of answer.value.Versions ?? []) times.push(CreatedDate?.getTime() ?? 0);
        NextToken = answer.value.NextToken === '' ? undefined : answer.value.NextToken;
      } while (NextToken !== undefined);
      return succeeded(times);
    },
  };
}

/** Whom AWS takes us for, as an ARN. */
export async function callerOf(session: Session): Promise<Result<string>> {
  const action = 'sts:GetCallerIdentity';
  const answer = await session.look(action, ({ tokens, options }) =>
    tokens.send(new GetCallerIdentityCommand({}), options),
  );
  if (!answer.ok) return answer;
  const arn = answer.value.Arn;
  return arn === undefined
    ? unfit({ action, where: 'the token service' }, undefined, 'Arn missing')
    : succeeded(arn);
}

/** The value as AWS wants it: text where it is text, unless consumers read bytes. The last line before the wire. */
function valueOf(
  bytes: SecretBytes,
  binary: boolean,
): { SecretString: string } | { SecretBinary: Uint8Array } {
  const text = binary ? undefined : bytes.revealText();
  return text === undefined ? { SecretBinary: bytes.reveal() } : { SecretString: text };
}

function versionOf(answer: GetSecretValueCommandOutput): SecretVersion | undefined {
  const { VersionId, SecretString, SecretBinary, CreatedDate } = answer;
  const value = SecretString ?? SecretBinary;
  if (VersionId === undefined || value === undefined) return undefined;
  return {
    id: VersionId,
    bytes: new SecretBytes(value),
    binary: SecretString === undefined,
    createdAt: CreatedDate?.getTime(),
  };
}

function describedOf(answer: DescribeSecretCommandOutput): Described {
  const labels = new Map<string, string>();
  for (const [version, stages] of Object.entries(answer.VersionIdsToStages ?? {})) {
    for (const stage of stages) labels.set(stage, version);
  }
  return {
    deletedAt: answer.DeletedDate?.getTime(),
    otherWriter: otherWriterOf(answer),
    primaryRegion: answer.PrimaryRegion,
    kmsKeyId: answer.KmsKeyId ?? 'aws/secretsmanager',
    labels,
  };
}

function otherWriterOf(answer: DescribeSecretCommandOutput): string | undefined {
  if (answer.OwningService !== undefined) return `the service ${answer.OwningService}, which owns it`;
  if (answer.RotationEnabled !== true) return undefined;
  const lambda = answer.RotationLambdaARN;
  return lambda === undefined || lambda === '' ? 'AWS’s own rotation' : `the rotation function ${lambda}`;
}

function isMissing(answer: Result<unknown>): boolean {
  return !answer.ok && answer.failure.id === 'ResourceNotFoundException';
}
