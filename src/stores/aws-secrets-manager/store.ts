/** The store for AWS Secrets Manager: a target is a secret, its value the current version. Loaded only where one is configured. */
import { succeeded } from '../../domain/failure.ts';
import type { Result } from '../../domain/failure.ts';
import type { Place, Store } from '../../ports/store.ts';
import type { OpenStore } from '../entry.ts';
import { apiFor } from './api.ts';
import type { Api } from './api.ts';
import { rateBudget } from './budget.ts';
import type { Urgency } from './budget.ts';
import { callers } from './caller.ts';
import { connect } from './connection.ts';
import { awsSecretsManager } from './entry.ts';
import type { AwsConfig, AwsOptions } from './entry.ts';
import { otherTokens } from './other-token.ts';
import { preflight } from './preflight.ts';
import { read } from './read.ts';
import { createRooms } from './room.ts';
import { within } from './session.ts';
import type { Session } from './session.ts';
import { write } from './write.ts';

const ABILITIES = { compareAndSet: true, datesWrites: true, proofMaxAgeMs: 86_400_000 } as const;

export function open(options: OpenStore<AwsConfig>): Store {
  const { name, config, clock, random } = options;
  const connection = connect(options);
  const budget = rateBudget(clock, config.rate);
  const means = { clock, connection, budget, timeoutMs: config.timeout, ratePerSecond: config.rate };
  const caller = callers();
  const otherToken = otherTokens(random);
  const rooms = createRooms(clock, config.timeout);
  const locate = ({ address }: Place) => awsSecretsManager.locate(config, address);

  const at = <T>(
    { address }: Place,
    how: { readonly urgency: Urgency; readonly signal: AbortSignal },
    work: (api: Api, session: Session) => Promise<Result<T>>,
  ) => {
    const where = connection.region === undefined ? address : `${address} in ${connection.region}`;
    return within(means, where, how, (session) => work(apiFor(session, address, where), session));
  };

  return {
    name,
    kind: 'aws-secrets-manager',
    abilities: { ...ABILITIES, timeLimitMs: config.timeout },

    // All that it changes is a label.
    read: (place, { signal, ...how }) => at(place, { urgency: 'preflight', signal }, (api) => read(api, how)),

    preflight: (place, { signal, size, realWrite }) =>
      at(place, { urgency: 'preflight', signal }, async (api, session) => {
        const who = await caller(session);
        if (!who.ok) return who;
        const { arn, region } = who.value;
        const now = clock.now();
        const room = rooms.at(locate(place));
        const asked = { size, realWrite, now, region, caller: arn, token: random.id(now), room };
        return preflight(api, { options: optionsOf(place), ...asked });
      }),

    write: (place, bytes, { signal, ...how }) =>
      at(place, { urgency: 'delivery', signal }, async (api, session) => {
        const writing = () => write(api, bytes, optionsOf(place), { ...how, otherToken });
        const result = await (how.ifVersion === undefined
          ? writing()
          : session.alone(locate(place), writing));
        if (result.ok && result.value.outcome === 'written') rooms.at(locate(place)).written();
        return result;
      }),

    whoAmI: ({ signal, again }) =>
      within(means, 'the token service', { urgency: 'preflight', signal }, async (session) => {
        const who = await caller(session, again);
        return who.ok ? succeeded(`${who.value.arn} in ${who.value.region}`) : who;
      }),

    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}

/** The configuration was checked by the schema when it was loaded. */
function optionsOf({ options }: Place): AwsOptions {
  return options;
}
