/** Makes a place of a Secret hold a value, by one apply of its own keys, upon the very version that was looked at. */
import { failed, succeeded } from '../../domain/failure.ts';
import type { Result } from '../../domain/failure.ts';
import type { SecretBytes } from '../../domain/secret.ts';
import type { WriteOptions, Written } from '../../ports/store.ts';
import type { SecretAddress } from './address.ts';
import { whereOf } from './api.ts';
import type { Api, Applied } from './api.ts';
import { DATA_BYTES_MAX, dataOf, sizeOf, textsOf } from './content.ts';
import type { SecretData } from './content.ts';
import type { KubernetesOptions } from './entry.ts';
import type { SecretObject } from './models.ts';
import {
  annotationOf,
  madeHere,
  makerOf,
  managerOf,
  markingIn,
  markingText,
  otherOwners,
  ownMarking,
  ownKeys,
} from './ownership.ts';
import { versionOf } from './read.ts';

/** Somebody changed the same Secret between a look and a write, so often. */
const TRIES_MAX = 5;

export interface Writing extends Pick<WriteOptions, 'ifVersion' | 'writeToken' | 'mark'> {
  readonly address: SecretAddress;
  readonly options: KubernetesOptions;
  readonly installation: string;
  /** Ms since the epoch. */
  readonly now: number;
}

export async function write(api: Api, bytes: SecretBytes, writing: Writing): Promise<Result<Written>> {
  const data = dataOf(bytes, writing.address);
  if (!data.ok) return data;
  for (let tries = 1; tries <= TRIES_MAX; tries++) {
    const secret = await api.get(writing.address);
    if (!secret.ok) return secret;
    const written = await writeOnce(api, secret.value, data.value, writing);
    if (!written.ok || written.value !== 'changed') return written as Result<Written>;
  }
  const where = whereOf(writing.address);
  return failed('target-refused', `${where} is changed by somebody else again and again; it is tried again`);
}

/** `changed`: it is no longer as it was looked at. */
async function writeOnce(
  api: Api,
  secret: SecretObject | undefined,
  data: SecretData,
  writing: Writing,
): Promise<Result<Written | 'changed'>> {
  const { address, options, installation, writeToken, ifVersion } = writing;
  const version = secret && versionOf(secret, address, installation);
  // The same write was sent before, and its answer was lost.
  if (version !== undefined && secret && ownMarking(secret, address, installation)?.write === writeToken) {
    return succeeded({ outcome: 'written', version });
  }
  if (ifVersion !== undefined && ifVersion !== (version ?? 'absent'))
    return succeeded({ outcome: 'conflict' });
  if (secret === undefined && options.create !== true) return missing(address);
  const allowed = secret === undefined ? succeeded(undefined) : obstacle(secret, data, writing);
  if (!allowed.ok) return allowed;
  const fitting = checkSize(address, { ...secret?.data, ...data });
  if (!fitting.ok) return fitting;
  const trim = secret && trimOf(secret, data, writing);
  if (trim !== undefined) {
    const trimmed = await api.apply(address, trim);
    return trimmed.ok ? succeeded('changed') : trimmed;
  }
  const answer = await api.apply(address, { ...applyOf(secret, data, writing), dryRun: false });
  if (!answer.ok) return answer;
  if (answer.value === 'conflict' || answer.value === undefined) return succeeded('changed');
  return succeeded({
    outcome: 'written',
    version: versionOf(answer.value, address, installation) ?? writeToken,
  });
}

/** What is applied. Upon what is there by its version, so that what others own is taken only where it was seen to be allowed. */
export function applyOf(
  secret: SecretObject | undefined,
  data: SecretData,
  { address, options, installation, writeToken, mark, now }: Writing,
): Omit<Applied, 'dryRun'> {
  const keys = Object.keys(data);
  const own = secret === undefined ? new Set() : ownKeys(secret, address, installation);
  // Of a document, what others wrote and what stays as it is remains theirs.
  const applied = Object.fromEntries(
    Object.entries(data).filter(
      ([key, value]) => own.has(key) || secret?.data[key] !== value || keys.length === 1,
    ),
  );
  const text = markingText({ installation, at: now, write: writeToken, keys: Object.keys(applied) }, mark);
  const marked = { annotations: { [annotationOf(address)]: text }, data: applied };
  if (secret === undefined) {
    const { type, labels, annotations } = options;
    return {
      manager: makerOf(installation, address, writeToken),
      force: false,
      ...(type !== undefined && { type }),
      ...(labels !== undefined && { labels }),
      ...marked,
      annotations: { ...annotations, ...marked.annotations },
    };
  }
  const { uid, resourceVersion } = secret.metadata;
  return {
    manager: managerOf(installation, address),
    force: true,
    only: { uid, resourceVersion },
    ...marked,
  };
}

/**
 * The keys that the Secret was made with and that the value no longer has: an apply under another name does not take them away. What
 * else it was made with stays.
 */
function trimOf(
  secret: SecretObject,
  data: SecretData,
  { address, installation }: Writing,
): Applied | undefined {
  const made = madeHere(secret, address, installation);
  if (made === undefined) return undefined;
  const kept = Object.fromEntries(Object.entries(made.data).filter(([key]) => Object.hasOwn(data, key)));
  if (Object.keys(kept).length === Object.keys(made.data).length) return undefined;
  const { uid, resourceVersion } = secret.metadata;
  return { ...made, data: kept, only: { uid, resourceVersion }, force: false, dryRun: false };
}

/** Why nothing may be written there, though the API server might take it. */
export function obstacle(
  secret: SecretObject,
  data: SecretData,
  { address, options, installation }: Pick<Writing, 'address' | 'options' | 'installation'>,
): Result<void> {
  const where = whereOf(address);
  if (secret.metadata.deletionTimestamp !== undefined) {
    return failed('target-refused', `${where} is being deleted; it is tried again when it is gone`);
  }
  if (secret.immutable === true) {
    return failed(
      'target-refused',
      `${where} is immutable, and nobody can change that: delete it, say create: true for this target, and rekeyd makes it anew; or ` +
        'choose another',
    );
  }
  const changed = Object.keys(data).filter(
    (key) => address.key !== undefined || secret.data[key] !== data[key],
  );
  // What we wrote before is ours to put right; whether that is wanted, and how often, is not decided here.
  const before = markingIn(secret, address, installation)?.keys ?? [];
  const [other] =
    options.takeOver === true
      ? []
      : otherOwners(
          secret,
          changed.filter((key) => !before.includes(key)),
          { address, installation },
        );
  if (other !== undefined) {
    return failed(
      'target-refused',
      `the key ${other.key} of ${where} belongs to ${other.manager || 'somebody else'}, who may write it again: ` +
        'choose another key, or say takeOver: true for this target',
    );
  }
  return leftOver(secret, data, { address, installation });
}

/** A document without keys that others have in the Secret would read back as another than was written. */
function leftOver(
  secret: SecretObject,
  data: SecretData,
  { address, installation }: Pick<Writing, 'address' | 'installation'>,
): Result<void> {
  if (address.key !== undefined) return succeeded(undefined);
  const own = ownKeys(secret, address, installation);
  const others = textsOf(secret.data)
    .map(([key]) => key)
    .filter((key) => !Object.hasOwn(data, key) && !own.has(key));
  if (others.length === 0) return succeeded(undefined);
  return failed(
    'target-refused',
    `${whereOf(address)} has keys of others (${others.join(', ')}), which this target would have to take away: use format key, ` +
      'which leaves them alone',
  );
}

/** Fails where the API server takes no Secret of this size. */
export function checkSize(address: SecretAddress, data: SecretData): Result<void> {
  const size = sizeOf(data);
  if (size <= DATA_BYTES_MAX) return succeeded(undefined);
  return failed(
    'target-refused',
    `${whereOf(address)} would have ${size} bytes, and Kubernetes takes ${DATA_BYTES_MAX} at most; give this target a Secret of its own`,
  );
}

export function missing(address: SecretAddress): Result<never> {
  return failed(
    'target-refused',
    `there is no ${whereOf(address).replace('the ', '')}, and this target may not make it; make it, or say create: true`,
    { id: 'NotFound' },
  );
}
