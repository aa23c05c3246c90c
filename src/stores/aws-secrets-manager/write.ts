/**
 * Makes a secret hold a value. AWS knows no condition on a put: where one is asked for, the value is first put under a label of ours, and
 * then `AWSCURRENT` is moved to it from the version that it must be on.
 */
import { failed, succeeded } from '../../domain/failure.ts';
import type { Result } from '../../domain/failure.ts';
import type { SecretBytes } from '../../domain/secret.ts';
import type { WriteOptions, Written } from '../../ports/store.ts';
import { CURRENT, PENDING, VALUE_BYTES_MAX } from './api.ts';
import type { Api } from './api.ts';
import type { AwsOptions } from './entry.ts';
import type { Failed } from './failures.ts';
import type { OtherToken } from './other-token.ts';
import { deletedFailure, explained } from './read.ts';

/** What is written, and how it is named: the token becomes the version's id. */
interface Parcel {
  readonly bytes: SecretBytes;
  readonly token: string;
  readonly options: AwsOptions;
}

type Outcome = Promise<Result<Written>>;

const CONFLICT = succeeded({ outcome: 'conflict' } as const);

/**
 * Writes over whatever is there, or only over the version that `ifVersion` names. Then the label of ours stays on what was written until
 * it is read back: nobody who waits for the value waits for that.
 */
export async function write(
  api: Api,
  bytes: SecretBytes,
  options: AwsOptions,
  how: Pick<WriteOptions, 'ifVersion' | 'writeToken'> & { readonly otherToken: OtherToken },
): Outcome {
  const { ifVersion, writeToken: token, otherToken } = how;
  const fitting = checkSize(api.address, bytes.length);
  if (!fitting.ok) return fitting;
  const parcel = { bytes, token, options };
  if (ifVersion === undefined) return writeOver(api, parcel);
  const from = ifVersion === 'absent' ? undefined : ifVersion;
  return exchange(api, parcel, from, otherToken(token, bytes));
}

/** Fails where AWS takes no value of this size. */
export function checkSize(address: string, size: number): Result<void> {
  if (size > 0 && size <= VALUE_BYTES_MAX) return succeeded(undefined);
  const why = size === 0 ? 'is empty' : `has ${size} bytes`;
  const what = `the value for the secret ${address} ${why}, and AWS takes 1 to ${VALUE_BYTES_MAX}`;
  return failed('target-refused', `${what}; change the target’s format, or what else is in its document`);
}

async function writeOver(api: Api, parcel: Parcel): Outcome {
  const { bytes, token, options } = parcel;
  const put = await api.put(bytes, { token, binary: options.binary ?? false });
  if (put.ok) return put.value.includes(CURRENT) ? written(token) : settleIgnored(api, token);
  if (put.failure.id === 'ResourceNotFoundException') {
    return options.create === true ? createOrPut(api, parcel) : missing(api.address);
  }
  return put.failure.id === 'ResourceExistsException' ? tokenTaken(api, token) : explained(api, put);
}

async function createOrPut(api: Api, parcel: Parcel): Outcome {
  const made = await api.create(parcel.options, parcel);
  if (made.ok) return written(parcel.token);
  // Somebody made it since the put.
  if (made.failure.id === 'ResourceExistsException') {
    return writeOver(api, { ...parcel, options: { ...parcel.options, create: false } });
  }
  return made;
}

/**
 * The put did nothing, because this token had made this same value before. Either that is current, or somebody has moved
 * `AWSCURRENT` away since: back to an older version, then it is moved to ours again; or to a newer one, which we have not seen.
 */
async function settleIgnored(api: Api, token: string): Outcome {
  const current = await api.value({ label: CURRENT });
  if (!current.ok) return explained(api, current);
  if (current.value?.id === token) return written(token);
  const ours = await api.value({ version: token });
  if (!ours.ok) return explained(api, ours);
  const currentAt = current.value?.createdAt;
  const oursAt = ours.value?.createdAt;
  if (current.value === undefined || currentAt === undefined || oursAt === undefined || currentAt >= oursAt) {
    return CONFLICT;
  }
  return moveCurrent(api, token, current.value.id);
}

/**
 * `from` is the version that must be current; `undefined`: none must be. Under the parcel's token may be another value that was never
 * made current: a write that was cut off, before the target's format or details were changed. Then it is put under `other`.
 */
async function exchange(api: Api, parcel: Parcel, from: string | undefined, other: string): Outcome {
  // Every put uses one of about a hundred versions up, for a day: none is made that could not become current.
  const described = await api.describe();
  if (!described.ok) return described;
  if (described.value?.deletedAt !== undefined) return deletedFailure(api.address, described.value.deletedAt);
  const current = described.value?.labels.get(CURRENT);
  // Made of these very bytes, by a call of ours whose answer was lost.
  if (current === other) return written(other);
  if (current !== from && current !== parcel.token) return CONFLICT;
  const put = await putPending(api, parcel);
  if (put.ok) return makeCurrent(api, parcel.token, from, put.value);
  const isTaken = put.failure.id === 'ResourceExistsException';
  if (!isTaken) return exchangeRefused(api, parcel, from, put);
  if (current === parcel.token) return CONFLICT;
  const again = await putPending(api, { ...parcel, token: other });
  return again.ok ? makeCurrent(api, other, from, again.value) : explained(api, again);
}

function putPending(api: Api, { bytes, token, options }: Parcel): ReturnType<Api['put']> {
  return api.put(bytes, { token, binary: options.binary ?? false, label: PENDING });
}

async function makeCurrent(
  api: Api,
  token: string,
  from: string | undefined,
  labels: readonly string[],
): Outcome {
  const moved = labels.includes(CURRENT) ? written(token) : await moveCurrent(api, token, from);
  const isMadeForNothing = moved.ok && moved.value.outcome === 'conflict';
  if (isMadeForNothing) await api.moveLabel({ label: PENDING, from: token });
  return moved;
}

async function exchangeRefused(api: Api, parcel: Parcel, from: string | undefined, put: Failed): Outcome {
  if (put.failure.id === 'ResourceNotFoundException') {
    // There is nothing, so the version that must be current is not.
    if (from !== undefined) return CONFLICT;
    return parcel.options.create === true ? createFirst(api, parcel) : missing(api.address);
  }
  return explained(api, put);
}

async function createFirst(api: Api, parcel: Parcel): Outcome {
  const made = await api.create(parcel.options, parcel);
  if (made.ok) return written(parcel.token);
  return made.failure.id === 'ResourceExistsException' ? CONFLICT : made;
}

async function moveCurrent(api: Api, token: string, from: string | undefined): Outcome {
  const moved = await api.moveLabel({ label: CURRENT, to: token, ...(from === undefined ? {} : { from }) });
  if (moved.ok) return written(token);
  if (moved.failure.id !== 'InvalidParameterException') return explained(api, moved);
  // The label is not where it must be: it may be on our version already, by a call of ours whose answer was lost.
  const described = await api.describe();
  if (!described.ok) return described;
  return described.value?.labels.get(CURRENT) === token ? written(token) : CONFLICT;
}

/** This token names a version with another value. Where that is current, there is something new to be read. */
async function tokenTaken(api: Api, token: string): Outcome {
  const current = await api.value({ label: CURRENT });
  if (!current.ok) return explained(api, current);
  if (current.value?.id === token) return CONFLICT;
  return failed(
    'target-refused',
    `the secret ${api.address} has a version ${token} of ours with another value, from before the target’s format ` +
      'was changed, and an older version was made current again; put any new value there, which rekeyd then replaces',
    { id: 'ResourceExistsException' },
  );
}

function written(version: string): Result<Written> {
  return succeeded({ outcome: 'written', version });
}

export function missing(address: string): Result<never> {
  return failed(
    'target-refused',
    `there is no secret ${address}, and this target may not create it; create it, or say create: true`,
    { id: 'ResourceNotFoundException' },
  );
}
