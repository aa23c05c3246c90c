/** What a secret holds now, and, where its version's name shows it, when this daemon wrote that. */
import { failed, succeeded } from '../../domain/failure.ts';
import type { Result } from '../../domain/failure.ts';
import type { ReadOptions, Stored } from '../../ports/store.ts';
import { CURRENT, PENDING, PREVIOUS } from './api.ts';
import type { SecretVersion } from './answers.ts';
import type { Api } from './api.ts';
import type { Failed } from './failures.ts';

export async function read(
  api: Api,
  { tokenOf, tidy = false }: Pick<ReadOptions, 'tokenOf' | 'tidy'>,
): Promise<Result<Stored>> {
  const current = await api.value({ label: CURRENT });
  if (!current.ok) return explained(api, current);
  if (current.value === undefined) return succeeded({ state: 'absent' });
  const { id, bytes, createdAt } = current.value;
  const writtenByUsAt = await whenWrittenByUs(api, current.value, tokenOf);
  if (!writtenByUsAt.ok) return writtenByUsAt;
  if (tidy) await takeOffPending(api, current.value);
  return succeeded({
    state: 'present',
    bytes,
    version: id,
    ...(createdAt === undefined ? {} : { lastWrite: { at: createdAt } }),
    ...(writtenByUsAt.value === undefined ? {} : { writtenByUsAt: writtenByUsAt.value }),
  });
}

/**
 * The write that put the label there is over where its version is current, whoever made it, and whether or not that process lives: so
 * it is taken from no write under way. Where this fails, the value was read all the same, and the next look tries again.
 */
async function takeOffPending(api: Api, { id, labels }: SecretVersion): Promise<void> {
  if (labels.includes(PENDING)) await api.moveLabel({ label: PENDING, from: id });
}

/**
 * A version is named by the token that it was written with, and ours depends on the version that was current before: so
 * the one under `AWSPREVIOUS` shows whether the current one is ours.
 */
async function whenWrittenByUs(
  api: Api,
  { id, bytes, createdAt }: SecretVersion,
  tokenOf: ReadOptions['tokenOf'],
): Promise<Result<number | undefined>> {
  const first = tokenOf?.(bytes, undefined);
  if (tokenOf === undefined || first === undefined) return succeeded(undefined);
  if (first === id) return succeeded(createdAt);
  const described = await api.describe();
  if (!described.ok) return described;
  const previous = described.value?.labels.get(PREVIOUS);
  const ours = previous !== undefined && tokenOf(bytes, previous) === id;
  return succeeded(ours ? createdAt : undefined);
}

/** The same failure, or a clearer one where the secret is about to be deleted: AWS does not say when. */
export async function explained(api: Api, failure: Failed): Promise<Failed> {
  if (failure.failure.id !== 'InvalidRequestException') return failure;
  const described = await api.describe();
  const deletedAt = described.ok ? described.value?.deletedAt : undefined;
  return deletedAt === undefined ? failure : deletedFailure(api.address, deletedAt);
}

export function deletedFailure(address: string, deletedAt: number): Failed {
  const day = new Date(deletedAt).toISOString().slice(0, 10);
  return failed(
    'target-refused',
    `the secret ${address} is marked for deletion (${day}) and can be neither read nor written; to keep it: ` +
      `aws secretsmanager restore-secret --secret-id ${address}`,
    { id: 'InvalidRequestException' },
  );
}
