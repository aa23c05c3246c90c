/** The calls to AWS that the store makes, each with its answer checked. The only file that knows the SDK's commands for secrets. */
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import type { CreateSecretCommandInput } from '@aws-sdk/client-secrets-manager';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { succeeded } from '../../domain/failure.ts';
import type { Result } from '../../domain/failure.ts';
import type { SecretBytes } from '../../domain/secret.ts';
import { describedOf, versionOf } from './answers.ts';
import type { Described, SecretVersion } from './answers.ts';
import type { AwsOptions } from './entry.ts';
import { unfit } from './failures.ts';
import type { Session } from './session.ts';

/** The label of the version that consumers read. */
export const CURRENT = 'AWSCURRENT';

/** The label of the version that was current before. */
export const PREVIOUS = 'AWSPREVIOUS';

/**
 * Ours, on a version that is to become current: it keeps the put from moving `AWSCURRENT`, and nothing else depends on it. One for all:
 * a label is on one version at a time, so that nothing piles up. AWS keeps versions without one for a day.
 */
export const PENDING = 'rekeyd-pending';

/** As many as AWS gives on one page. */
const PAGE_SIZE = 100;

/** AWS keeps about a hundred versions, and rarely more; a server whose pages never end is ended here. */
const PAGES_MAX = 50;

/** AWS's own limit for one value. */
export const VALUE_BYTES_MAX = 65_536;

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
  return { address, ...looks(session, address, where), ...changes(session, address, where) };
}

function looks(
  session: Session,
  SecretId: string,
  where: string,
): Pick<Api, 'value' | 'describe' | 'versionTimes'> {
  return {
    async value(which) {
      const version = 'label' in which ? { VersionStage: which.label } : { VersionId: which.version };
      const action = 'secretsmanager:GetSecretValue';
      const answer = await session.look(action, ({ secrets, options }) =>
        secrets.send(new GetSecretValueCommand({ SecretId, ...version }), options),
      );
      if (!answer.ok) return isMissing(answer) ? succeeded(undefined) : answer;
      const value = versionOf(answer.value);
      if (value === undefined) return unfit({ action, where }, undefined, 'VersionId or value missing');
      return succeeded(value);
    },

    async describe() {
      const action = 'secretsmanager:DescribeSecret';
      const answer = await session.look(action, ({ secrets, options }) =>
        secrets.send(new DescribeSecretCommand({ SecretId }), options),
      );
      if (!answer.ok) return isMissing(answer) ? succeeded(undefined) : answer;
      if (answer.value.ARN === undefined) return unfit({ action, where }, undefined, 'ARN missing');
      return succeeded(describedOf(answer.value));
    },

    async versionTimes() {
      const times: number[] = [];
      const action = 'secretsmanager:ListSecretVersionIds';
      let next: string | undefined;
      for (let pages = 1; pages <= PAGES_MAX; pages++) {
        const page = { MaxResults: PAGE_SIZE, IncludeDeprecated: true, ...(next && { NextToken: next }) };
        const answer = await session.look(action, ({ secrets, options }) =>
          secrets.send(new ListSecretVersionIdsCommand({ SecretId, ...page }), options),
        );
        if (!answer.ok) return answer;
        for (const { CreatedDate } of answer.value.Versions ?? []) times.push(CreatedDate?.getTime() ?? 0);
        next = answer.value.NextToken;
        if (next === undefined || next === '') return succeeded(times);
      }
      return unfit({ action, where }, undefined, `more than ${PAGES_MAX} pages`);
    },
  };
}

function changes(
  session: Session,
  SecretId: string,
  where: string,
): Pick<Api, 'put' | 'moveLabel' | 'create'> {
  return {
    async put(bytes, { token, binary, label }) {
      const action = 'secretsmanager:PutSecretValue';
      const stages = label === undefined ? {} : { VersionStages: [label] };
      const answer = await session.change(action, ({ secrets, options }) => {
        const value = valueOf(bytes, binary);
        const input = { SecretId, ClientRequestToken: token, ...stages, ...value };
        return secrets.send(new PutSecretValueCommand(input), options);
      });
      if (!answer.ok) return answer;
      const { VersionId, VersionStages } = answer.value;
      if (VersionId !== token)
        return unfit({ action, where }, undefined, 'VersionId is not the one asked for');
      return succeeded(VersionStages ?? []);
    },

    async moveLabel({ label: VersionStage, to, from }) {
      const move = {
        ...(to === undefined ? {} : { MoveToVersionId: to }),
        ...(from === undefined ? {} : { RemoveFromVersionId: from }),
      };
      const answer = await session.change('secretsmanager:UpdateSecretVersionStage', ({ secrets, options }) =>
        secrets.send(new UpdateSecretVersionStageCommand({ SecretId, VersionStage, ...move }), options),
      );
      return answer.ok ? succeeded(undefined) : answer;
    },

    async create(target, first) {
      const action = 'secretsmanager:CreateSecret';
      const answer = await session.change(action, ({ secrets, options }) => {
        const value = first && {
          ClientRequestToken: first.token,
          ...valueOf(first.bytes, target.binary ?? false),
        };
        const input = { Name: SecretId, ...detailsOf(target), ...value };
        return secrets.send(new CreateSecretCommand(input), options);
      });
      if (!answer.ok) return answer;
      if (first !== undefined && answer.value.VersionId !== first.token) {
        return unfit({ action, where }, undefined, 'VersionId is not the one asked for');
      }
      return succeeded(undefined);
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

/** What a secret that is made here is to be like, in AWS's words. */
function detailsOf({ kmsKeyId, description, tags }: AwsOptions): Partial<CreateSecretCommandInput> {
  const Tags = Object.entries(tags ?? {}).map(([Key, Value]) => ({ Key, Value }));
  return {
    ...(kmsKeyId === undefined ? {} : { KmsKeyId: kmsKeyId }),
    ...(description === undefined ? {} : { Description: description }),
    ...(Tags.length === 0 ? {} : { Tags }),
  };
}

function isMissing(answer: Result<unknown>): boolean {
  return !answer.ok && answer.failure.id === 'ResourceNotFoundException';
}
