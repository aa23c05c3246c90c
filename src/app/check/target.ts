/** Checks one target: what it holds, by the rules that the daemon goes by, and whether it could be written. Writes no value. */
import type { Account } from '../../domain/account.ts';
import type { Credential, Fingerprint } from '../../domain/credential.ts';
import { fingerprintOf } from '../../domain/credential.ts';
import { failed, type Result } from '../../domain/failure.ts';
import { holdingOf } from '../../domain/live.ts';
import type { SecretBytes } from '../../domain/secret.ts';
import type { Situation, TargetSeen } from '../../domain/situation.ts';
import type { Target } from '../../domain/target.ts';
import { detailsFor } from '../../engine/details-for.ts';
import { sampleBytes } from '../../engine/sample.ts';
import { writeToken } from '../../engine/write-token.ts';
import type { Format } from '../../ports/format.ts';
import type { Ready, Store, Stored } from '../../ports/store.ts';
import type { CheckWorld } from './world.ts';
import { findingsOf } from './finding.ts';
import type { Finding } from './finding.ts';

/** Room for the credential where nothing is known about its size, in bytes. */
const SIZE_MIN = 4_096;

/** A target as it was read. */
export interface ReadTarget {
  readonly target: Target;
  readonly seen: TargetSeen;
  readonly credential?: Credential;
  /** Of the whole value, in bytes. */
  readonly size: number;
  /** What would be written over it, were the credential a sample. */
  readonly like?: SecretBytes;
  /** The credential would be written with other details, or laid out in another way, than it stands there. */
  readonly differs?: boolean;
}

export async function readTarget(
  world: CheckWorld,
  { policy }: Pick<Situation, 'policy'>,
  target: Target,
): Promise<ReadTarget> {
  const requestedAt = world.host.clock.now();
  const format = world.formatOf(target);
  const stored = await inStore<Stored>(world, target, (store) =>
    store.read(placeOf(target), {
      signal: world.signal,
      tokenOf: (bytes, previousVersion) => {
        const decoded = format.decode(bytes);
        if (decoded.state !== 'credential') return undefined;
        return writeToken(policy, target, fingerprintOf(decoded.credential), previousVersion);
      },
    }),
  );
  if (!stored.ok) {
    return { target, size: 0, seen: { requestedAt, holds: { kind: 'unreadable', failure: stored.failure } } };
  }
  const provider = world.connections.provider(policy.provider);
  const previous = stored.value.state === 'absent' ? undefined : stored.value.bytes;
  const sample = sampleBytes(format, previous, { policy, provider });
  const like = sample === undefined ? {} : { like: sample };
  if (stored.value.state === 'absent') {
    return { target, size: 0, ...like, seen: { requestedAt, holds: { kind: 'nothing' } } };
  }
  const { bytes, version, writtenByUsAt } = stored.value;
  const decoded = format.decode(bytes);
  const more = { requestedAt, version, ...(writtenByUsAt === undefined ? {} : { writtenByUsAt }) };
  const size = bytes.length;
  if (decoded.state !== 'credential') {
    return {
      target,
      size,
      ...like,
      seen: { ...more, holds: { kind: decoded.state === 'absent' ? 'nothing' : 'other' } },
    };
  }
  const fingerprint: Fingerprint = fingerprintOf(decoded.credential);
  const seen: TargetSeen = { ...more, holds: { kind: 'credential', fingerprint } };
  const { credential } = decoded;
  return {
    target,
    size,
    ...like,
    credential,
    seen,
    differs: differs(world, { policy, format, credential, bytes }),
  };
}

/** A target that holds the live credential is not written for its details alone: a person should know that they are others. */
function differs(
  world: CheckWorld,
  there: {
    readonly policy: Account;
    readonly format: Format;
    readonly credential: Credential;
    readonly bytes: SecretBytes;
  },
): boolean {
  const { policy, format, credential, bytes } = there;
  if (format.details.length === 0) return false;
  const provider = world.connections.provider(policy.provider);
  const encoded = format.encode(
    credential,
    bytes,
    detailsFor({ policy, provider, live: world.recordOf(policy.name)?.live }, credential),
  );
  return encoded.ok && !encoded.value.equals(bytes);
}

/** The same conclusion that the daemon draws from what it reads. */
export function checkHolding(situation: Situation, { target, seen, differs }: ReadTarget): Finding {
  const { ok, warning, failed: bad } = about(situation, target);
  switch (holdingOf(situation, target, seen)) {
    case 'live':
      return differs === true
        ? warning(
            'holds',
            'holds the live credential, with other details than would be written now; they are written with the next ' +
              'credential',
          )
        : ok('holds', 'holds the live credential');
    case 'nothing':
      return ok('holds', 'holds nothing yet; the live credential is delivered at first sight');
    case 'old':
      return ok(
        'holds',
        'holds something of this account that is not live; the live credential is delivered over it',
      );
    case 'untried':
      return warning(
        'holds',
        `holds a credential of which it is not known whose it is${untriedWhy(situation, seen)}`,
      );
    case 'unreadable':
      return bad(
        'readable',
        seen.holds.kind === 'unreadable' ? seen.holds.failure.message : 'it cannot be read',
      );
    case 'foreign':
      return bad(
        'holds',
        `holds ${seen.holds.kind === 'credential' ? 'a credential' : 'a value'} that is not this account's: nothing is ` +
          `minted or written until overwrite: true, or rekeyd accept ${situation.policy.name} ${target.id}`,
      );
  }
}

/** Whether it could be written now. With `write` the store makes a real write, though never to what consumers read. */
export async function checkWritable(
  world: CheckWorld,
  situation: Pick<Situation, 'policy'>,
  { target, size, like }: ReadTarget,
): Promise<Finding> {
  const { ok, warning, failed: bad } = about(situation, target);
  const ready = await inStore<Ready>(world, target, (store) =>
    store.preflight(placeOf(target), {
      signal: world.signal,
      size: Math.max(SIZE_MIN, 2 * size),
      realWrite: world.write,
      ...(like && { like }),
    }),
  );
  if (!ready.ok) {
    const { message } = ready.failure;
    return target.required ? bad('writable', message) : warning('writable', `${message} (not required)`);
  }
  const how = ready.value.wrote ? 'by a real write' : 'as far as can be seen without writing';
  return ok('writable', `can be written, ${how}, as ${ready.value.identity}`);
}

function about(situation: Pick<Situation, 'policy'>, target: Target): ReturnType<typeof findingsOf> {
  return findingsOf({ scope: 'target', subject: situation.policy.name, target: target.id });
}

function placeOf({ address, options }: Target) {
  return { address, options };
}

async function inStore<T>(
  { connections }: CheckWorld,
  target: Target,
  call: (store: Store) => Promise<Result<T>>,
): Promise<Result<T>> {
  const store = connections.store(target.store);
  if (store !== undefined) return call(store);
  return failed(
    'store-unavailable',
    `the configuration has no store ${target.store}, which ${target.id} is in`,
  );
}

function untriedWhy({ seen }: Situation, { holds }: TargetSeen): string {
  const outcome = holds.kind === 'credential' ? seen.tried[holds.fingerprint]?.outcome : undefined;
  return outcome?.kind === 'unknown'
    ? `: ${outcome.failure.message}`
    : '; it is tried when the account can be looked at';
}
