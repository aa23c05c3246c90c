/** Tries out on one account what the design rests on at Kronup. It mints, closes and re-opens that account, and touches no other. */
import { succeeded, type Result } from '../../domain/failure.ts';
import { fingerprintOf } from '../../domain/credential.ts';
import { Secret } from '../../domain/secret.ts';
import type { CanaryFact, ProveFacts } from '../../ports/canary.ts';
import type { Clock } from '../../ports/clock.ts';
import { afterWords, canaryFact, clockFact, failedAs, failureWords, untilSo } from '../canary-fact.ts';
import type { OpenProvider } from '../entry.ts';
import { kronupClient, type KronupClient } from './client.ts';
import { limitHeaders } from './canary-headers.ts';
import type { ServiceAccount } from './models.ts';
import type { KronupConfig } from './schema.ts';
import { isToken, lifetimeOf, organisationOf } from './token.ts';

interface Trial {
  readonly client: KronupClient;
  readonly clock: Clock;
  readonly id: string;
  readonly signal: AbortSignal;
}

type Facts<Answer = void> = AsyncGenerator<CanaryFact, Answer>;

export function canary(options: OpenProvider<KronupConfig>): ProveFacts {
  return async function* prove({ account, signal }) {
    await using client = kronupClient({ ...options, source: options.secretOf(options.config.token) });
    const trial: Trial = { client, clock: options.clock, id: account, signal };
    const first = yield* shownFacts(trial);
    if (first === undefined) return;
    yield* limitHeaders(options, first, signal);
    yield* refusalFacts(trial);
    const second = yield* mintFacts(trial, first);
    if (second !== undefined) yield* closingFacts(trial, second);
  };
}

/** What the service shows of an open account; answers its token, without which nothing else can be tried. */
async function* shownFacts(trial: Trial): Facts<Secret | undefined> {
  const { client, id, signal } = trial;
  const read = await client.read(id, { signal });
  const shown = read.ok ? read.value.value.serviceToken : undefined;
  yield canaryFact('A read shows the live token', 'a serviceToken', {
    seen: read.ok ? `${shown === undefined ? 'no' : 'a'} serviceToken` : failureWords(read.failure),
    holds: read.ok ? shown !== undefined : undefined,
  });
  if (!read.ok) return undefined;
  yield clockFact(read.value.clockOffsetMs);
  const token = shown ?? (await firstToken(trial));
  if (token === undefined) return undefined;
  const listed = await listedAs(client, id, signal);
  yield canaryFact('The list shows the same token, in pages of 1 500', 'the live token', {
    seen: listed.ok ? tokenWords(listed.value, token) : failureWords(listed.failure),
    holds: listed.ok ? isSame(listed.value?.serviceToken, token) : undefined,
  });
  yield jwtFact(token);
  yield* ownerFacts(trial, token);
  return token;
}

/** Where no token is shown, one is made: all that follows needs one. */
async function firstToken({ client, id, signal }: Trial): Promise<Secret | undefined> {
  const minted = await client.regenerate(id, { signal });
  return minted.ok ? minted.value.value.serviceToken : undefined;
}

function jwtFact(token: Secret): CanaryFact {
  const { issuedAt, expiresAt } = lifetimeOf(token);
  const has = (name: string, value: unknown): string => `${value === undefined ? 'without' : 'with'} ${name}`;
  const organisation = organisationOf(token);
  const claims = [has('org_id', organisation), has('iat', issuedAt), has('exp', expiresAt)];
  return canaryFact('A token is a JWT that names its organisation (org_id)', 'a JWT with org_id', {
    seen: isToken(token) ? `a JWT ${claims.join(', ')}` : 'no JWT',
    holds: isToken(token) && organisation !== undefined,
  });
}

async function* ownerFacts({ client, id, signal }: Trial, token: Secret): Facts {
  const owner = await client.account({ as: token, signal });
  yield canaryFact('GET /account names the account of the token', `the id ${id}`, {
    seen: owner.ok ? `the id ${owner.value.value.id}` : failureWords(owner.failure),
    holds: owner.ok ? owner.value.value.id === id : undefined,
  });
  const days = owner.ok ? Object.keys(owner.value.value.apiCalls ?? {}) : [];
  yield canaryFact('An account says how many calls it makes a day (apiCalls)', 'days such as 2026-01-31', {
    seen: owner.ok ? days.slice(-2).join(', ') || 'none yet' : failureWords(owner.failure),
    holds: days.length > 0 ? days.every((day) => /^\d{4}-\d\d-\d\d$/.test(day)) : undefined,
  });
}

/** How a token that is none, and an account that is not there, are refused. */
async function* refusalFacts({ client, id, signal }: Trial): Facts {
  const none = await client.account({ as: new Secret('this-is-no-token'), signal });
  yield canaryFact('What is no token is refused with 401', '401 jwt-…', {
    seen: none.ok ? 'accepted' : failureWords(none.failure),
    holds: failedAs(none, 'credential-refused'),
  });
  const absent = await client.read(`${id}-that-is-not-there`, { signal });
  yield canaryFact(
    'An account that is not there is answered with 404, or its id is refused',
    '404 not-found',
    {
      seen: absent.ok ? 'an account' : failureWords(absent.failure),
      holds: !absent.ok && absent.failure.status === 400 ? true : failedAs(absent, 'not-found'),
    },
  );
}

/** What regenerate does; answers the new token. */
async function* mintFacts(trial: Trial, old: Secret): Facts<Secret | undefined> {
  const { client, clock, id, signal } = trial;
  const minted = await client.regenerate(id, { signal });
  const token = minted.ok ? minted.value.value.serviceToken : undefined;
  yield canaryFact('Regenerate answers another token', 'a new token', {
    seen: minted.ok ? (isSame(token, old) ? 'the old token' : 'a new token') : failureWords(minted.failure),
    holds: minted.ok ? !isSame(token, old) : undefined,
  });
  if (token === undefined) return undefined;
  const refused = await client.account({ as: old, signal });
  const died = refused.ok
    ? await untilSo(clock, signal, async () => !(await client.account({ as: old, signal })).ok)
    : 0;
  yield canaryFact('Regenerate ends the old token at once', 'refused at once', {
    seen: refused.ok ? `accepted; refused ${afterWords(died)}` : failureWords(refused.failure),
    holds: failedAs(refused, 'credential-refused'),
  });
  yield canaryFact('The old token is refused for certain', 'auth-api-expired or auth-api-invalid', {
    seen: refused.ok ? 'accepted' : failureWords(refused.failure),
    holds: refused.ok ? false : refused.failure.revoked === true,
  });
  const accepted = await untilSo(clock, signal, async () => (await client.account({ as: token, signal })).ok);
  yield canaryFact('The new token is accepted at once', 'at once', {
    seen: afterWords(accepted),
    holds: accepted === 0,
  });
  yield* shownAtOnce(trial, token);
  return token;
}

/** A lost answer is recovered by reading, so a read must show the new token. */
async function* shownAtOnce({ client, clock, id, signal }: Trial, token: Secret): Facts {
  const read = await untilSo(clock, signal, async () => {
    const reply = await client.read(id, { signal });
    return reply.ok && isSame(reply.value.value.serviceToken, token);
  });
  yield canaryFact('A read shows the new token at once', 'at once', {
    seen: afterWords(read),
    holds: read === 0,
  });
  const list = await untilSo(clock, signal, async () => {
    const listed = await listedAs(client, id, signal);
    return listed.ok && isSame(listed.value?.serviceToken, token);
  });
  yield canaryFact('The list shows the new token at once', 'at once', {
    seen: afterWords(list),
    holds: list === 0,
  });
}

/** What closing does, and that regenerate opens again what nobody meant to open. */
async function* closingFacts({ client, id, signal }: Trial, token: Secret): Facts {
  const closed = await client.close(id, { signal });
  yield canaryFact('Close answers the closed account', 'closedTime more than 0', {
    seen: closed.ok ? `closedTime ${closed.value.value.closedTime}` : failureWords(closed.failure),
    holds: closed.ok ? closed.value.value.closedTime > 0 : undefined,
  });
  if (!closed.ok) return;
  try {
    const used = await client.account({ as: token, signal });
    yield canaryFact('The token of a closed account is refused', '401', {
      seen: used.ok ? 'accepted' : failureWords(used.failure),
      holds: failedAs(used, 'credential-refused'),
    });
    const read = await client.read(id, { signal });
    yield canaryFact('A closed account is read no more', '404 not-found', {
      seen: read.ok ? 'an account' : failureWords(read.failure),
      holds: failedAs(read, 'not-found'),
    });
    const listed = await listedAs(client, id, signal);
    const listedTime = listed.ok ? listed.value?.closedTime : undefined;
    yield canaryFact('The list shows a closed account as closed', 'closedTime more than 0', {
      seen: !listed.ok
        ? failureWords(listed.failure)
        : listedTime === undefined
          ? 'not listed'
          : `closedTime ${listedTime}`,
      holds: listed.ok ? (listedTime ?? 0) > 0 : undefined,
    });
  } finally {
    // Whatever came of the above, it is not left closed.
    yield* reopenFacts({ client, id }, token);
  }
}

async function* reopenFacts({ client, id }: Pick<Trial, 'client' | 'id'>, token: Secret): Facts {
  const { signal } = new AbortController();
  const opened = await client.regenerate(id, { signal });
  yield canaryFact('Regenerate opens a closed account again', 'open, with a new token', {
    seen: opened.ok
      ? `closedTime ${opened.value.value.closedTime}, ${isSame(opened.value.value.serviceToken, token) ? 'the old' : 'a new'} token`
      : failureWords(opened.failure),
    holds: opened.ok
      ? opened.value.value.closedTime === 0 && !isSame(opened.value.value.serviceToken, token)
      : undefined,
  });
}

async function listedAs(
  client: KronupClient,
  id: string,
  signal: AbortSignal,
): Promise<Result<ServiceAccount | undefined>> {
  for await (const page of client.list({ signal, only: new Set([id]) })) {
    if (!page.ok) return page;
    const [account] = page.value.value.accounts;
    if (account !== undefined) return succeeded(account);
  }
  return succeeded(undefined);
}

function tokenWords(account: ServiceAccount | undefined, token: Secret): string {
  if (account === undefined) return 'not listed';
  const { serviceToken } = account;
  if (serviceToken === undefined) return 'no serviceToken';
  return isSame(serviceToken, token) ? 'the live token' : 'another token';
}

function isSame(one: Secret | undefined, other: Secret): boolean {
  if (one === undefined) return false;
  return fingerprintOf({ kind: 'token', token: one }) === fingerprintOf({ kind: 'token', token: other });
}
