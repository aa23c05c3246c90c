/** What AWS's answers about a secret come down to. Pure. */
import type {
  DescribeSecretCommandOutput,
  GetSecretValueCommandOutput,
} from '@aws-sdk/client-secrets-manager';
import { SecretBytes } from '../../domain/secret.ts';

export interface SecretVersion {
  readonly id: string;
  readonly bytes: SecretBytes;
  /** Kept as SecretBinary, as opposed to SecretString. */
  readonly binary: boolean;
  readonly labels: readonly string[];
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

/** A version; `undefined` where the answer lacks what each has. */
export function versionOf(answer: GetSecretValueCommandOutput): SecretVersion | undefined {
  const { VersionId, SecretString, SecretBinary, VersionStages, CreatedDate } = answer;
  const value = SecretString ?? SecretBinary;
  if (VersionId === undefined || value === undefined) return undefined;
  return {
    id: VersionId,
    bytes: new SecretBytes(value),
    binary: SecretString === undefined,
    labels: VersionStages ?? [],
    createdAt: CreatedDate?.getTime(),
  };
}

export function describedOf(answer: DescribeSecretCommandOutput): Described {
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
