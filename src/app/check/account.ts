/** Checks one account: found and open at its provider, its token shown, not the manager's own, and each of its targets. */
import type { Account } from '../../domain/account.ts';
import type { Credential, Fingerprint } from '../../domain/credential.ts';
import { fingerprintOf } from '../../domain/credential.ts';
import { formatDuration } from '../../domain/duration.ts';
import { EMPTY_RECORD } from '../../domain/evolve.ts';
import type { Failure } from '../../domain/failure.ts';
import { holdingOf, mostHeld } from '../../domain/live.ts';
import { forgottenTargets, withoutTargets } from '../../domain/places.ts';
import type { AccountRecord, KnownCredential } from '../../domain/record.ts';
import { NOTHING_SEEN } from '../../domain/situation.ts';
import type { Situation, Tried } from '../../domain/situation.ts';
import type { Provider, SeenAccount } from '../../ports/provider.ts';
import { checkTargetConsumers } from './consumers.ts';
import { findingsOf } from './finding.ts';
import type { Finding } from './finding.ts';
import { checkPair } from './pair.ts';
import { checkHolding, checkWritable, readTarget } from './target.ts';
import type { ReadTarget } from './target.ts';
import type { CheckWorld } from './world.ts';

/** An account with what its provider showed of it; absent where the provider could not be asked. */
export interface SeenPolicy {
  readonly policy: Account;
  readonly seen?: SeenAccount;
  /** The other account of a pair. */
  readonly second?: SeenAccount;
  /** Why it could not be looked at, though others could. */
  readonly failure?: Failure;
}

export async function checkAccount(world: CheckWorld, looked: SeenPolicy): Promise<Finding[]> {
  const { policy, seen, second } = looked;
  const provider = world.connections.provider(policy.provider);
  const found =
    seen === undefined
      ? notSeen(looked)
      : checkSeen(policy, seen, lifeWords(provider, seen, world.host.clock.now()));
  const reads = await Promise.all(policy.targets.map((target) => readTarget(world, { policy }, target)));
  const situation = await concluded(world, { policy, seen, reads });
  const targets = reads.map(async (read) => {
    const holding = checkHolding(situation, read);
    return holding.check === 'readable' ? [holding] : [holding, await checkWritable(world, situation, read)];
  });
  if (seen !== undefined && second !== undefined)
    found.push(...checkPair(situation, { first: seen, second }));
  const consumers = checkTargetConsumers(world, policy);
  const ofTargets = (await Promise.all(targets)).flat();
  return [...found, ...ownAccount(world, policy), ...ofTargets, ...(await consumers)];
}

function notSeen({ policy, failure }: SeenPolicy): Finding[] {
  const { failed } = findingsOf({ scope: 'account', subject: policy.name });
  return failure === undefined ? [] : [failed('open', failure.message)];
}

function checkSeen(policy: Account, seen: SeenAccount, life: string): Finding[] {
  const { state, certain } = seen;
  const { ok, warning, failed } = findingsOf({ scope: 'account', subject: policy.name });
  const [id] = policy.accountIds;
  if (!certain && state !== 'open') {
    return [
      warning(
        'open',
        `account ${id} was not seen for certain (${state}); it is looked at again before a mint`,
      ),
    ];
  }
  switch (state) {
    case 'absent':
      return [
        failed('open', `account ${id} is not there for this manager; check accountId and organisation`),
      ];
    case 'closed':
      return policy.reopenClosed
        ? [warning('open', `account ${id} is closed; a rotation re-opens it (reopenClosed: true)`)]
        : [failed('open', `account ${id} is closed; re-open it at the provider, or say reopenClosed: true`)];
    case 'open':
      return [ok('open', `account ${id} is found and open`), checkShown(policy, seen, life)];
  }
}

/** With overlap nothing depends on whether a value can be had again. */
function checkShown({ name }: Account, { live, credentials }: SeenAccount, life: string): Finding {
  const { ok, warning } = findingsOf({ scope: 'account', subject: name });
  if (live !== undefined) return ok('token', `its token is shown by the provider${life}`);
  if (credentials !== undefined) return ok('credentials', `credentials that it has: ${credentials.length}`);
  return warning(
    'token',
    'its token is hidden by the provider: what is live is found out by trying what the targets hold, and a mint ' +
      'whose answer is lost is made again',
  );
}

function lifeWords(provider: Provider | undefined, { live }: SeenAccount, now: number): string {
  const expiresAt = live && provider?.lifetimeOf(live).expiresAt;
  if (expiresAt === undefined) return '';
  if (expiresAt <= now) return '; it has expired';
  return `; it expires in ${formatDuration(expiresAt - now)}`;
}

function ownAccount({ providers }: CheckWorld, policy: Account): Finding[] {
  const own = providers.get(policy.provider)?.managerId;
  if (own === undefined || !policy.accountIds.includes(own)) return [];
  const { failed } = findingsOf({ scope: 'account', subject: policy.name });
  return [
    failed(
      'own-account',
      `it is the account that ${policy.provider}'s manager credential belongs to (${own}): rotating it would lock rekeyd ` +
        'out, so it is never minted; use another manager credential, or take the account out',
    ),
  ];
}

/** The situation as the daemon would see it, with credentials of unknown origin tried where that decides something. */
async function concluded(
  world: CheckWorld,
  from: {
    readonly policy: Account;
    readonly seen: SeenAccount | undefined;
    readonly reads: readonly ReadTarget[];
  },
): Promise<Situation> {
  const { policy, seen, reads } = from;
  const provider = world.connections.provider(policy.provider);
  const recorded = world.recordOf(policy.name) ?? EMPTY_RECORD;
  const known = withoutTargets(recorded, forgottenTargets({ policy, record: recorded }));
  // Which of a pair's accounts is live, only the targets tell.
  const shown = policy.strategy === 'pair' ? undefined : seen?.live && fingerprintOf(seen.live);
  const first = situationOf(world, { policy, reads, record: withLive(known, shown), tried: {} });
  const doubtful = new Map<Fingerprint, Credential>();
  for (const read of reads) {
    if (read.credential === undefined || holdingOf(first, read.target, read.seen) !== 'untried') continue;
    doubtful.set(fingerprintOf(read.credential), read.credential);
  }
  if (provider === undefined || world.providers.get(provider.name)?.reached !== true) return first;
  const tries = [...doubtful].map(async ([fingerprint, credential]): Promise<[string, Tried]> => {
    return [fingerprint, await tryOut(world, provider, { policy, credential })];
  });
  const tried = Object.fromEntries(await Promise.all(tries));
  const live = shown ?? known.live?.fingerprint ?? mostHeld({ ...first, seen: { ...first.seen, tried } });
  return situationOf(world, { policy, reads, record: withLive(known, live), tried });
}

async function tryOut(
  world: CheckWorld,
  provider: Provider,
  { policy, credential }: { readonly policy: Account; readonly credential: Credential },
): Promise<Tried> {
  const at = world.host.clock.now();
  const proof = await provider.prove(credential, {
    account: provider.refOf(policy),
    signal: world.signal,
  });
  if (proof.ok) return { at, outcome: { kind: 'accepted', accountId: proof.value.accountId } };
  if (proof.failure.kind === 'credential-refused') return { at, outcome: { kind: 'refused' } };
  return { at, outcome: { kind: 'unknown', failure: proof.failure } };
}

function withLive(record: AccountRecord, fingerprint: Fingerprint | undefined): AccountRecord {
  if (fingerprint === undefined || record.live?.fingerprint === fingerprint) return record;
  const live: KnownCredential = { fingerprint, ownMint: false, proved: true };
  return { ...record, live };
}

function situationOf(
  { host }: CheckWorld,
  from: {
    readonly policy: Account;
    readonly reads: readonly ReadTarget[];
    readonly record: AccountRecord;
    readonly tried: Readonly<Record<Fingerprint, Tried>>;
  },
): Situation {
  const { policy, reads, record, tried } = from;
  const targets = Object.fromEntries(reads.map(({ target, seen }) => [target.id, seen]));
  return {
    now: host.clock.now(),
    dice: 0,
    runningSince: 0,
    stopping: false,
    record,
    policy,
    configured: true,
    policyChanged: false,
    requests: [],
    sharedHolds: [],
    seen: { ...NOTHING_SEEN, targets, tried },
    inHand: new Set(),
    proofMaxAgeMs: {},
    parkAfter: Number.POSITIVE_INFINITY,
  };
}
