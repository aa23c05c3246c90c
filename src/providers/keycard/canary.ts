/** Tries out on one account what the design rests on at Keycard. It makes credentials, uses them, and deletes those and no others. */
import type { ClientCredential } from '../../domain/credential.ts';
import { fingerprintOf } from '../../domain/credential.ts';
import type { Result } from '../../domain/failure.ts';
import type { CanaryFact, ProveFacts } from '../../ports/canary.ts';
import type { Clock } from '../../ports/clock.ts';
import { afterWords, canaryFact, clockFact, failedAs, failureWords, untilSo } from '../canary-fact.ts';
import type { OpenProvider } from '../entry.ts';
import type { Reply } from '../http/call.ts';
import { whereOf } from '../http/caller.ts';
import { keycardClient, type AccountPath, type KeycardClient } from './client.ts';
import { managerSource } from './manager-credential.ts';
import type { AccountCredential, CreatedCredential, TokenAnswer } from './models.ts';
import { isNamed, onlyOrganisation, ownOrganisation } from './organisation.ts';
import { collect } from './pages.ts';
import type { KeycardConfig } from './schema.ts';

interface Trial {
  readonly client: KeycardClient;
  readonly clock: Clock;
  readonly where: string;
  readonly path: AccountPath;
  /** Names of what is made begin with it. */
  readonly mark: string;
  /** Ids of what was made and is still there. */
  readonly made: Set<string>;
  readonly signal: AbortSignal;
}

interface Made {
  readonly id: string;
  readonly name: string;
  readonly credential: ClientCredential;
}

type Facts<Answer = void> = AsyncGenerator<CanaryFact, Answer>;

export function canary(options: OpenProvider<KeycardConfig>): ProveFacts {
  const { name, config, clock, random } = options;
  return async function* prove({ account, signal }) {
    const source = managerSource(config, (reference) => options.secretOf(reference));
    await using client = keycardClient({ ...options, source });
    const where = whereOf(name, config);
    const ownOf = ownOrganisation(client, { where, configured: config.organisation, lifetime: signal });
    const own = await ownOf({ signal });
    yield canaryFact('The manager credential belongs to exactly one organisation', 'one organisation', {
      seen: own.ok ? own.value.organisation : failureWords(own.failure),
      holds: own.ok,
    });
    if (!own.ok) return;
    const path = { organisation: own.value.organisation, accountId: account };
    const mark = `rekeyd-canary/${random.id(clock.now())}`;
    const trial: Trial = { client, clock, where, path, mark, made: new Set(), signal };
    try {
      yield* facts(trial);
    } finally {
      await cleanUp(trial);
    }
  };
}

async function* facts(trial: Trial): Facts {
  const first = yield* createFacts(trial, 1);
  if (first === undefined) return;
  const token = yield* useFacts(trial, first);
  const second = yield* secondFacts(trial, first);
  if (second !== undefined) yield* deleteFacts(trial, { gone: first, token, stays: second });
}

/** What the answer to a creation has, and what the list shows of it. */
async function* createFacts(trial: Trial, number: number): Facts<Made | undefined> {
  const { client, path, signal } = trial;
  const name = `${trial.mark}/${number}`;
  const reply = await create(trial, name);
  yield canaryFact(
    'A credential is made with its secret, by this manager credential',
    'a client id and a secret',
    {
      seen: reply.ok ? 'a client id and a secret' : failureWords(reply.failure),
      holds: reply.ok ? true : reply.failure.status === undefined ? undefined : false,
    },
  );
  if (!reply.ok) return undefined;
  yield clockFact(reply.value.clockOffsetMs);
  const made = madeOf(reply.value.value, name);
  const listed = await collect(client.credentials.pages(path, { signal }));
  const shown = listed.ok ? listed.value.value.find(({ id }) => id === made.id) : undefined;
  yield canaryFact('The list shows a new credential at once, under the name that it was given', name, {
    seen: !listed.ok ? failureWords(listed.failure) : (shown?.name ?? 'not listed'),
    holds: listed.ok ? shown?.name === name : undefined,
  });
  yield canaryFact('The list tells a credential by its client id', 'the client id of the creation', {
    seen: clientIdWords(shown, made),
    holds: listed.ok ? shown?.clientId === made.credential.clientId : undefined,
  });
  return made;
}

/** How a new credential is used, and what is seen of that. Answers an access token that was given for it. */
async function* useFacts(trial: Trial, made: Made): Facts<TokenAnswer | undefined> {
  const { client, clock, where, path, signal } = trial;
  let token: TokenAnswer | undefined;
  const accepted = await untilSo(clock, signal, async () => {
    const reply = await client.token({ as: made.credential, signal });
    if (reply.ok) token = reply.value.value;
    return reply.ok;
  });
  yield canaryFact('A new credential gets an access token within seconds', 'within 30 s', {
    seen: afterWords(accepted),
    holds: accepted !== undefined,
  });
  if (token === undefined) return undefined;
  yield canaryFact('An access token says how long it lives (expires_in)', 'some seconds', {
    seen: token.expiresInSeconds === undefined ? 'it does not' : `${token.expiresInSeconds} s`,
    holds: token.expiresInSeconds !== undefined,
  });
  const as = { accessToken: token.accessToken, fingerprint: fingerprintOf(made.credential) };
  let named = 'nothing';
  const belongs = await untilSo(clock, signal, async () => {
    const only = await onlyOrganisation(client, where, { as, signal });
    named = only.ok ? only.value.id : failureWords(only.failure);
    return only.ok && isNamed(only.value, path.organisation);
  });
  yield canaryFact('GET /organizations names exactly the organisation of the credential', path.organisation, {
    seen: belongs === undefined ? named : `${named}, ${afterWords(belongs)}`,
    holds: belongs !== undefined,
  });
  const used = await untilSo(clock, signal, async () => {
    const reply = await client.credentials.retrieve({ ...path, credentialId: made.id }, { signal });
    return reply.ok && reply.value.value.lastUsedAt !== undefined;
  });
  yield canaryFact('Use is seen (last_used_at): a grace may end early', 'within 30 s', {
    seen: afterWords(used),
    holds: used !== undefined,
  });
  return token;
}

/** That a second credential leaves the first as it is. */
async function* secondFacts(trial: Trial, first: Made): Facts<Made | undefined> {
  const { client, clock, signal } = trial;
  const name = `${trial.mark}/2`;
  const reply = await create(trial, name);
  const second = reply.ok ? madeOf(reply.value.value, name) : undefined;
  yield canaryFact(
    'An account may have several credentials, each with a client id of its own',
    'another client id',
    {
      seen: !reply.ok
        ? failureWords(reply.failure)
        : second?.credential.clientId === first.credential.clientId
          ? 'the same client id'
          : 'another client id',
      holds: reply.ok ? second?.credential.clientId !== first.credential.clientId : undefined,
    },
  );
  if (second === undefined) return undefined;
  const newer = await untilSo(
    clock,
    signal,
    async () => (await client.token({ as: second.credential, signal })).ok,
  );
  const older = await client.token({ as: first.credential, signal });
  yield canaryFact('Both are valid at the same time', 'both get access tokens', {
    seen: `the newer one ${afterWords(newer)}, the older one ${older.ok ? 'still does' : failureWords(older.failure)}`,
    holds: newer !== undefined && older.ok,
  });
  return second;
}

/** What deleting one of the two ends, and what it leaves. */
async function* deleteFacts(
  trial: Trial,
  about: { readonly gone: Made; readonly token: TokenAnswer | undefined; readonly stays: Made },
): Facts {
  const { client, clock, where, path, made, signal } = trial;
  const { gone, token, stays } = about;
  const credentialId = gone.id;
  const deleted = await client.credentials.delete({ ...path, credentialId }, { signal });
  if (deleted.ok) made.delete(credentialId);
  let refusal: Result<Reply<TokenAnswer>> | undefined;
  const died = await untilSo(clock, signal, async () => {
    refusal = await client.token({ as: gone.credential, signal });
    return !refusal.ok;
  });
  const refused = refusal?.ok === false ? `: ${failureWords(refusal.failure)}` : '';
  yield canaryFact('Deleting a credential ends it', 'no access token any more', {
    seen: deleted.ok ? `refused ${afterWords(died)}${refused}` : failureWords(deleted.failure),
    holds: deleted.ok
      ? died !== undefined && refusal !== undefined && failedAs(refusal, 'credential-refused') === true
      : undefined,
  });
  if (token !== undefined) {
    const as = { accessToken: token.accessToken, fingerprint: fingerprintOf(gone.credential) };
    const alive = await onlyOrganisation(client, where, { as, signal });
    yield canaryFact('Access tokens that were given for it may live on until they expire', 'either', {
      seen: alive.ok ? 'it lives on' : failureWords(alive.failure),
      holds: true,
    });
  }
  const other = await client.token({ as: stays.credential, signal });
  yield canaryFact('The other credential is left as it was', 'it gets an access token', {
    seen: other.ok ? 'it gets an access token' : failureWords(other.failure),
    holds: other.ok,
  });
  const again = await client.credentials.delete({ ...path, credentialId }, { signal });
  yield canaryFact('Deleting what is gone is answered with 404', '404', {
    seen: again.ok ? 'success' : failureWords(again.failure),
    holds: failedAs(again, 'not-found'),
  });
  const listed = await collect(client.credentials.pages(path, { signal }));
  yield canaryFact('The list no longer shows what was deleted', 'not listed', {
    seen: !listed.ok
      ? failureWords(listed.failure)
      : isListed(listed.value.value, credentialId)
        ? 'listed'
        : 'not listed',
    holds: listed.ok ? !isListed(listed.value.value, credentialId) : undefined,
  });
}

async function create(trial: Trial, name: string): Promise<Result<Reply<CreatedCredential>>> {
  const { client, path, made, signal } = trial;
  const reply = await client.credentials.create(path, { name }, { signal });
  if (reply.ok) made.add(reply.value.value.id);
  return reply;
}

/** Also what was made although its answer was lost: it is known by its name. */
async function cleanUp({ client, path, mark, made }: Trial): Promise<void> {
  const { signal } = new AbortController();
  const listed = await collect(client.credentials.pages(path, { signal }));
  const marked = listed.ok ? listed.value.value.filter(({ name }) => name.startsWith(`${mark}/`)) : [];
  for (const credentialId of new Set([...made, ...marked.map(({ id }) => id)])) {
    await client.credentials.delete({ ...path, credentialId }, { signal });
  }
}

function madeOf({ id, clientId, clientSecret }: CreatedCredential, name: string): Made {
  return { id, name, credential: { kind: 'client', clientId, clientSecret } };
}

function isListed(credentials: readonly AccountCredential[], id: string): boolean {
  return credentials.some((credential) => credential.id === id);
}

function clientIdWords(shown: AccountCredential | undefined, made: Made): string {
  if (shown === undefined) return 'not listed';
  return shown.clientId === made.credential.clientId ? 'the client id of the creation' : 'another client id';
}
