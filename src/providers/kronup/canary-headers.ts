/** Looks at the headers of one answer for words about limits: the client itself shows none. One call, sent as the account. */
import type { Secret } from '../../domain/secret.ts';
import type { CanaryFact } from '../../ports/canary.ts';
import { canaryFact, failureWords } from '../canary-fact.ts';
import type { OpenProvider } from '../entry.ts';
import { connection } from '../http/connection.ts';
import { originOf } from '../http/settings.ts';
import { exchange } from '../../system/exchange.ts';
import type { KronupConfig } from './schema.ts';

const BYTES_MAX = 1_048_576;
const ABOUT_LIMITS = /rate|limit|quota|retry|remaining/i;

export async function* limitHeaders(
  { name, config, clock, environment, userAgent }: OpenProvider<KronupConfig>,
  token: Secret,
  signal: AbortSignal,
): AsyncGenerator<CanaryFact, void> {
  await using connected = connection({
    where: name,
    caFile: config.tls?.ca,
    connectTimeoutMs: config.timeout,
    environment,
  });
  const dispatcher = await connected.dispatcher();
  const what = [
    'Answers do not say how many calls are left, so they are counted here',
    'no header about limits',
  ] as const;
  if (!dispatcher.ok) {
    yield canaryFact(...what, { seen: failureWords(dispatcher.failure), holds: undefined });
    return;
  }
  using deadline = clock.deadline(config.timeout, signal);
  const outcome = await exchange(dispatcher.value, {
    origin: originOf(config),
    path: `${new URL(config.baseUrl).pathname.replace(/\/$/, '')}/account`,
    method: 'GET',
    headers: {
      authorization: `Bearer ${token.reveal()}`,
      accept: 'application/json',
      'user-agent': userAgent,
    },
    bytesMax: BYTES_MAX,
    signal: deadline.signal,
  });
  if (outcome.kind !== 'answered') {
    yield canaryFact(...what, { seen: outcome.kind, holds: undefined });
    return;
  }
  const names = Object.keys(outcome.headers).filter((header) => ABOUT_LIMITS.test(header));
  yield canaryFact(...what, {
    seen: names.length === 0 ? what[1] : names.join(', '),
    holds: names.length === 0,
  });
}
