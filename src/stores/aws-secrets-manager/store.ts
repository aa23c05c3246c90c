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
import type { AwsConfig, AwsOptions } from './entry.ts';
import { preflight } from './preflight.ts';
import { read } from './read.ts';
import { within } from './session.ts';
import type { Session } from './session.ts';
import { PENDING, write } from './write.ts';

const ABILITIES = { compareAndSet: true, datesWrites: true, proofMaxAgeMs: 86_400_000 } as const;

export function open(options: OpenStore<AwsConfig>): Store {
  const { name, config, clock, random } = options;
  const connection = connect(options);
  const budget = rateBudget(clock, config.rate);
  const means = { clock, connection, budget, timeoutMs: config.timeout, ratePerSecond: config.rate };
  const caller = callers();
  const tidying = new Set<Promise<unknown>>();

  const at = <T>(
    { address }: Place,
    how: { readonly urgency: Urgency; readonly signal: AbortSignal },
    work: (api: Api, session: Session) => Promise<Result<T>>,
  ) => {
    const where = connection.region === undefined ? address : `${address} in ${connection.region}`;
    return within(means, where, how, (session) => work(apiFor(session, address, where), session));
  };

  /** Takes our label off a version, apart from the write that put it there: nobody waits for it, and nobody reads it. */
  const tidy = (place: Place, token: string) => {
    const how = { urgency: 'preflight', signal: new AbortController().signal } as const;
    const done = at(place, how, (api) => api.moveLabel({ label: PENDING, from: token }));
    tidying.add(done);
    void done.finally(() => tidying.delete(done));
  };

  return {
    name,
    kind: 'aws-secrets-manager',
    abilities: { ...ABILITIES, timeLimitMs: config.timeout },

    read: (place, { signal, tokenOf }) =>
      at(place, { urgency: 'delivery', signal }, (api) => read(api, tokenOf)),

    preflight: (place, { signal, size, realWrite }) =>
      at(place, { urgency: 'preflight', signal }, async (api, session) => {
        const who = await caller(session);
        if (!who.ok) return who;
        const { arn, region } = who.value;
        const now = clock.now();
        const asked = { size, realWrite, now, region, caller: arn, token: random.id(now) };
        return preflight(api, { options: optionsOf(place), ...asked });
      }),

    async write(place, bytes, { signal, ...how }) {
      let labelled = false;
      const result = await at(place, { urgency: 'delivery', signal }, async (api) => {
        const writing = await write(api, bytes, optionsOf(place), how);
        ({ labelled } = writing);
        return writing.written;
      });
      if (labelled && result.ok) tidy(place, how.writeToken);
      return result;
    },

    whoAmI: ({ signal, again }) =>
      within(means, 'the token service', { urgency: 'preflight', signal }, async (session) => {
        const who = await caller(session, again);
        return who.ok ? succeeded(`${who.value.arn} in ${who.value.region}`) : who;
      }),

    async [Symbol.asyncDispose]() {
      await Promise.all(tidying);
      connection[Symbol.dispose]();
    },
  };
}

/** The configuration was checked by the schema when it was loaded. */
function optionsOf({ options }: Place): AwsOptions {
  return options;
}
