/** Whether a write to a secret would succeed now. Looks, and where asked writes for real, under a label that no consumer reads. */
import { failed, succeeded } from '../../domain/failure.ts';
import type { Result } from '../../domain/failure.ts';
import type { Ready } from '../../ports/store.ts';
import { CURRENT } from './api.ts';
import type { Described } from './answers.ts';
import type { Api } from './api.ts';
import type { AwsOptions } from './entry.ts';
import { deletedFailure, explained } from './read.ts';
import type { Room } from './room.ts';
import { checkSize, missing } from './write.ts';

/** The label of the version that a real write makes, for the moment that it takes. */
const PROBE = 'rekeyd-probe';

/** AWS keeps about this many versions, and removes none that is younger than a day. */
const VERSIONS_MAX = 100;
/** Left for what was minted meanwhile, for accounts that share the secret. */
const VERSIONS_MARGIN = 10;
const DAY_MS = 86_400_000;

export interface Asked {
  readonly options: AwsOptions;
  readonly size: number;
  readonly realWrite: boolean;
  readonly now: number;
  /** The region that calls go to. */
  readonly region: string;
  /** Whom AWS takes us for. */
  readonly caller: string;
  /** A token that was never used: a put that AWS ignores would prove nothing. */
  readonly token: string;
  /** What others that share the secret were told is free. */
  readonly room: Room;
}

export async function preflight(api: Api, asked: Asked): Promise<Result<Ready>> {
  const fitting = checkSize(api.address, asked.size);
  if (!fitting.ok) return fitting;
  const described = await api.describe();
  if (!described.ok) return described;
  if (described.value === undefined) return preflightMissing(api, asked);
  const writable = checkState(api.address, described.value, asked.region);
  if (!writable.ok) return writable;
  const free = await checkRoom(api, asked);
  if (!free.ok) return free;
  if (asked.realWrite) {
    const probed = await probe(api, asked);
    if (!probed.ok) return probed;
  } else await takeOffProbe(api, described.value);
  return succeeded({ identity: identityOf(asked.caller, described.value.kmsKeyId), wrote: asked.realWrite });
}

/**
 * The secret is still to be made. The real write makes it, without a value: a first value would be what consumers read at once.
 */
async function preflightMissing(api: Api, asked: Asked): Promise<Result<Ready>> {
  const { options, caller, realWrite } = asked;
  if (options.create !== true) return missing(api.address);
  if (!realWrite) {
    // That it could be written while it was there does not prove that it can be made.
    const identity = `${identityOf(caller, options.kmsKeyId ?? 'aws/secretsmanager')}, where it has to be made`;
    return succeeded({ identity, wrote: false });
  }
  const made = await api.create(options);
  if (!made.ok && made.failure.id !== 'ResourceExistsException') return made;
  const described = await api.describe();
  if (!described.ok) return described;
  const key = described.value?.kmsKeyId ?? options.kmsKeyId ?? 'aws/secretsmanager';
  return succeeded({ identity: identityOf(caller, key), wrote: made.ok });
}

/** Fails where AWS, or somebody else, stands in the way of a write. */
function checkState(address: string, secret: Described, region: string): Result<void> {
  if (secret.deletedAt !== undefined) return deletedFailure(address, secret.deletedAt);
  if (secret.otherWriter !== undefined) {
    return failed(
      'target-refused',
      `the secret ${address} has another writer, ${secret.otherWriter}: what rekeyd delivers would be overwritten; ` +
        'cancel the rotation there (aws secretsmanager cancel-rotate-secret), or choose another secret',
    );
  }
  if (secret.primaryRegion !== undefined && secret.primaryRegion !== region) {
    return failed(
      'target-refused',
      `the secret ${address} in ${region} is a copy, which cannot be written: its original is in ` +
        `${secret.primaryRegion}; give this target a store of that region`,
    );
  }
  return succeeded(undefined);
}

async function checkRoom(api: Api, { now, room, realWrite }: Asked): Promise<Result<void>> {
  const times = await api.versionTimes();
  if (!times.ok) return times;
  const young = times.value.filter((at) => at > now - DAY_MS).length;
  const kept = room.kept();
  if (young + kept < VERSIONS_MAX - VERSIONS_MARGIN) {
    if (realWrite) room.keep('probe');
    room.keep('delivery');
    return succeeded(undefined);
  }
  const onTheirWay = kept === 0 ? '' : `, and ${kept} more are on their way`;
  return failed(
    'target-refused',
    `the secret ${api.address} got ${young} versions in the last 24 hours${onTheirWay}: AWS takes about ${VERSIONS_MAX}, removes none ` +
      'of them before they are a day old, and the rest is left for what was minted already; write it less often than every 20 minutes; ' +
      'it is tried again',
    { id: 'LimitExceededException' },
  );
}

/** Puts the current value once more, under the label of ours, and takes the label off again. */
async function probe(api: Api, { options, token }: Asked): Promise<Result<void>> {
  const current = await api.value({ label: CURRENT });
  if (!current.ok) return explained(api, current);
  if (current.value === undefined)
    return options.create === true ? makeAgain(api, options) : valueless(api.address);
  const { bytes, binary } = current.value;
  if (binary && options.binary !== true && bytes.revealText() !== undefined)
    return wouldChangeKind(api.address);
  const put = await api.put(bytes, { token, binary, label: PROBE });
  if (!put.ok) return explained(api, put);
  const removed = await api.moveLabel({ label: PROBE, from: token });
  // Another probe may have taken the label meanwhile.
  return !removed.ok && removed.failure.id !== 'InvalidParameterException' ? removed : succeeded(undefined);
}

/**
 * One that was cut off left its label. Whoever else is trying just now misses nothing, if it is theirs; and should this fail, the next
 * look will do.
 */
async function takeOffProbe(api: Api, { labels }: Described): Promise<void> {
  const from = labels.get(PROBE);
  if (from !== undefined) await api.moveLabel({ label: PROBE, from });
}

/**
 * A secret without a value, as a preflight leaves it that was cut off before its proof was noted. It can be proved again in the same
 * way: whoever may not make it is refused before AWS says that it is there.
 */
async function makeAgain(api: Api, options: AwsOptions): Promise<Result<void>> {
  const made = await api.create(options);
  return made.ok || made.failure.id === 'ResourceExistsException' ? succeeded(undefined) : made;
}

function valueless(address: string): Result<never> {
  return failed(
    'target-refused',
    `the secret ${address} has no value yet, and AWS makes the first one the value that consumers read: no write can be ` +
      'tried beforehand; put a first value there, such as {}, or say create: true for this target',
  );
}

function wouldChangeKind(address: string): Result<never> {
  return failed(
    'target-refused',
    `the secret ${address} keeps its value as SecretBinary, and this target would write SecretString, which those who ` +
      'read it now do not look at; say binary: true for this target',
  );
}

/** The session's name is no part of who writes: it changes with each start, and rights do not depend on it. */
function identityOf(caller: string, kmsKeyId: string): string {
  const who = caller.replace(/^(arn:[\w-]+:sts::\d+:assumed-role\/[^/]+)\/.*$/, '$1');
  return `${who} with the key ${kmsKeyId}`;
}
