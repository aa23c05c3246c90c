/** Looks: at the account at its provider, at whom the manager credential belongs to, and at targets. Changes nothing outside. */
import { fingerprintOf } from '../../domain/credential.ts';
import { succeeded } from '../../domain/failure.ts';
import type { Failure, Result } from '../../domain/failure.ts';
import type { AccountSeen, MemberSeen, TargetSeen } from '../../domain/situation.ts';
import type { Target } from '../../domain/target.ts';
import type { Format } from '../../ports/format.ts';
import type { Provider, SeenAccount } from '../../ports/provider.ts';
import type { ReadOptions } from '../../ports/store.ts';
import { allEnded } from '../all-ended.ts';
import type { Look, Observer } from '../observer.ts';
import { recordStep } from '../measuring.ts';
import { signalOf } from '../session.ts';
import type { Session } from '../session.ts';
import type { SharedHolds } from '../shared-holds.ts';
import { storeOf } from '../store-of.ts';
import { writeToken } from '../write-token.ts';

export interface ObserveStep {
  readonly account: boolean;
  readonly manager: boolean;
  readonly again?: true;
  readonly targets: readonly Target[];
}

export interface Looking {
  readonly observer: Observer;
  readonly sharedHolds: SharedHolds;
}

/** Everything at once; what was seen is in `session.seen`, values in `session.values`. */
export async function observe(session: Session, step: ObserveStep, looking: Looking): Promise<void> {
  const { clock } = session.parts;
  const startedAt = clock.now();
  const from = clock.elapsed();
  const provider = session.connections.provider(session.claim.policy.provider);
  await allEnded([
    ...(step.account ? [observeAccount(session, provider, looking)] : []),
    ...(step.manager ? [observeManager(session, provider, { ...looking, again: step.again ?? false })] : []),
    ...step.targets.map((target) => observeTarget(session, target)),
  ]);
  const failing = session.seen.accountFailure ?? session.seen.managerFailure;
  const outcome = failing?.failure.kind ?? 'ok';
  recordStep(session, { step: 'observe', startedAt, tookMs: clock.elapsed() - from, outcome });
}

async function observeAccount(
  session: Session,
  provider: Provider | undefined,
  looking: Looking,
): Promise<void> {
  const { clock } = session.parts;
  const askedAt = clock.now();
  const result = await lookAt(session, provider, looking);
  if (!result.ok) {
    const { accountFailure: _, ...seen } = session.seen;
    session.seen = { ...seen, accountFailure: { at: clock.now(), failure: result.failure } };
    return;
  }
  const { accountFailure: _, ...seen } = session.seen;
  const tookMs = clock.now() - Math.max(askedAt, result.value.requestedAt);
  session.seen = { ...seen, account: { ...result.value, tookMs } };
}

async function lookAt(
  session: Session,
  provider: Provider | undefined,
  looking: Looking,
): Promise<Result<AccountSeen>> {
  const { policy } = session.claim;
  if (provider === undefined) return noProvider(policy.provider);
  const options = { signal: signalOf(session), notBefore: notBefore(session), maxAgeMs: maxAgeMs(session) };
  const ref = provider.refOf(policy);
  const refs = policy.accountIds.map((accountId) => ({ ...ref, accountId }));
  // Asked in one turn, they go together.
  const results = await Promise.all(refs.map((one) => looking.observer.look(provider, one, options)));
  const failing = results.find((result) => !result.ok);
  if (failing !== undefined) {
    await noteManager(looking, provider.name, failing.failure);
    return failing;
  }
  await looking.sharedHolds.managerAccepted(provider.name);
  const looks = results.flatMap((result) => (result.ok ? [result.value] : []));
  const [first, second] = looks;
  if (first === undefined) throw new Error(`${policy.name} has no account id`);
  const value = second === undefined ? seenOf(session, provider, first) : pairOf(session, provider, looks);
  return succeeded(value);
}

function seenOf(session: Session, provider: Provider, { requestedAt, account }: Look): AccountSeen {
  const { state, certain, credentials } = account;
  const live = liveIn(session, provider, account);
  return {
    requestedAt,
    state,
    certain,
    ...(live === undefined ? {} : { live }),
    ...(credentials === undefined ? {} : { credentials }),
  };
}

/** The value stays in `session.values`. */
function liveIn(session: Session, provider: Provider, { live }: SeenAccount): AccountSeen['live'] {
  if (live === undefined) return undefined;
  const fingerprint = fingerprintOf(live);
  session.values.set(fingerprint, live);
  return { fingerprint, ...provider.lifetimeOf(live) };
}

const WORST_FIRST = ['absent', 'closed', 'open'] as const;

/** A pair as one: as old as the older look, and open only while both are. */
function pairOf(session: Session, provider: Provider, looks: readonly Look[]): AccountSeen {
  const { accountIds } = session.claim.policy;
  const members = looks.map(({ account }, index): MemberSeen => {
    const live = liveIn(session, provider, account);
    const { state, role } = account;
    return {
      accountId: accountIds[index] ?? '',
      state,
      ...(live === undefined ? {} : { live }),
      ...(role === undefined ? {} : { role }),
    };
  });
  const accounts = looks.map(({ account }) => account);
  const worst = WORST_FIRST.find((state) => accounts.some((account) => account.state === state)) ?? 'open';
  const certain = accounts.every((account) => account.state === 'open' || account.certain);
  const requestedAt = Math.min(...looks.map((look) => look.requestedAt));
  return { requestedAt, state: worst, certain, members };
}

/** A mint needs a look that is younger than 10 s when it is sent; a first sight and verifying are not in such a hurry. */
const LOOK_AGE_MS = 5_000;
const CALM_LOOK_AGE_MS = 30_000;

const CALM: readonly (string | undefined)[] = ['verify', 'refused'];

function maxAgeMs({ record, claim }: Session): number {
  const calm =
    record.adoptedAt === undefined || (CALM.includes(claim.dueWhy) && record.rotation === undefined);
  return calm ? CALM_LOOK_AGE_MS : LOOK_AGE_MS;
}

/** The oldest request that would tell this account anything new. */
function notBefore({ record, seen, claim, parts }: Session): number {
  // What a person asked for, or a mint of unknown outcome, takes a look of its own.
  if (record.rotation?.intent !== undefined || claim.requests.length > 0) return parts.clock.now();
  const now = parts.clock.now();
  const due = record.reobserveAt.filter((at) => at <= now);
  const after = (at: number | undefined) => (at === undefined ? 0 : at + 1);
  const failed = seen.accountFailure?.at ?? record.lastFailure?.at;
  // Whether a credential that was just refused is live still, only what is seen after that can tell.
  const tried = seen.tried[record.live?.fingerprint ?? ''];
  const refusedAt = tried?.outcome.kind === 'refused' ? tried.at : 0;
  return Math.max(
    refusedAt,
    record.effectEndedAt ?? 0,
    after(seen.account?.requestedAt),
    after(failed),
    ...due,
  );
}

async function observeManager(
  session: Session,
  provider: Provider | undefined,
  { again, ...looking }: Looking & { readonly again: boolean },
): Promise<void> {
  const { clock } = session.parts;
  const askedAt = clock.now();
  const result =
    provider === undefined
      ? noProvider(session.claim.policy.provider)
      : await provider.manager({ signal: signalOf(session), again });
  if (!result.ok) {
    if (provider !== undefined) await noteManager(looking, provider.name, result.failure);
    session.seen = { ...session.seen, managerFailure: { at: clock.now(), failure: result.failure } };
    return;
  }
  const { managerFailure: _, ...seen } = session.seen;
  if (again && provider !== undefined) await looking.sharedHolds.managerAccepted(provider.name);
  const { accountId, clientId } = result.value;
  const manager = {
    ...(accountId !== undefined && { accountId }),
    ...(clientId !== undefined && { clientId }),
    ...(again && { acceptedAt: askedAt }),
  };
  session.seen = { ...seen, manager };
}

function noProvider(name: string): { readonly ok: false; readonly failure: Failure } {
  const message = `the configuration has no provider ${name}; add it, or change the account's provider`;
  return { ok: false, failure: { kind: 'not-connected', message } };
}

async function noteManager({ sharedHolds }: Looking, provider: string, failure: Failure): Promise<void> {
  if (failure.kind === 'credential-refused') await sharedHolds.managerRefused(provider, failure);
}

async function observeTarget(session: Session, target: Target): Promise<void> {
  const seen = await readTarget(session, target);
  session.seen = { ...session.seen, targets: { ...session.seen.targets, [target.id]: seen } };
}

/** Reads one target. The bytes stay in `session.reads`, a credential found in them in `session.values`. */
export async function readTarget(session: Session, target: Target): Promise<TargetSeen> {
  const { clock } = session.parts;
  const requestedAt = clock.now();
  const store = storeOf(session.connections, target);
  if (!store.ok) return { requestedAt, holds: { kind: 'unreadable', failure: store.failure } };
  const format = session.parts.formatOf(target);
  const place = { address: target.address, options: target.options };
  const known = session.record.targets[target.id];
  // Only at first sight does it matter whether we wrote it before; finding that out can take a call of its own.
  const isNew = known?.written === undefined && known?.confirmed === undefined;
  const result = await store.value.read(place, {
    signal: signalOf(session),
    tidy: true,
    ...(isNew ? { tokenOf: tokenOf(session, target, format) } : {}),
  });
  if (!result.ok) {
    session.reads.delete(target.id);
    return { requestedAt, holds: { kind: 'unreadable', failure: result.failure } };
  }
  if (result.value.state === 'absent') {
    session.reads.set(target.id, {});
    return { requestedAt, holds: { kind: 'nothing' } };
  }
  const { bytes, version, writtenByUsAt, lastWrite } = result.value;
  session.reads.set(target.id, { bytes, version });
  const decoded = format.decode(bytes);
  const more = {
    requestedAt,
    version,
    ...(writtenByUsAt === undefined ? {} : { writtenByUsAt }),
    ...(lastWrite === undefined ? {} : { lastWrite }),
  };
  switch (decoded.state) {
    case 'absent':
      return { ...more, holds: { kind: 'nothing' } };
    case 'other':
      return { ...more, holds: { kind: 'other' } };
    case 'credential': {
      const fingerprint = fingerprintOf(decoded.credential);
      session.values.set(fingerprint, decoded.credential);
      const provider = session.connections.provider(session.claim.policy.provider);
      const lifetime = provider?.lifetimeOf(decoded.credential) ?? {};
      const { credential } = decoded;
      const client = credential.kind === 'client' ? { clientId: credential.clientId } : {};
      return { ...more, holds: { kind: 'credential', fingerprint, ...client, ...lifetime } };
    }
  }
}

/** The token with which this daemon would have written what is there. */
function tokenOf(session: Session, target: Target, format: Format): NonNullable<ReadOptions['tokenOf']> {
  return (bytes, previousVersion) => {
    const decoded = format.decode(bytes);
    if (decoded.state !== 'credential') return undefined;
    return writeToken(session.claim.policy, target, fingerprintOf(decoded.credential), previousVersion);
  };
}
