/** The daemon as a whole: who it is, how its accounts are, reloading, doing what is due. */
import { z } from 'zod';
import { holdView } from '../views.ts';
import type { HoldView } from '../views.ts';
import type { ApiServices, DaemonInfo } from '../services.ts';
import type { Routes } from '../routes.ts';
import { startWaiting, waitWords } from '../waiting.ts';

/** The answer to `GET /v1/status`. */
export interface StatusView extends DaemonInfo {
  readonly now: number;
  readonly accounts: number;
  readonly overdue: number;
  /** Accounts by the kind of hold, those of providers and stores included. */
  readonly held: Readonly<Record<string, number>>;
  readonly notConverged: number;
  /** Accounts of which some consumer has not taken up what its target holds. */
  readonly consumersBehind: number;
  /** Holds of providers and stores. */
  readonly holds: readonly HoldView[];
  readonly nextAt?: number;
}

export function statusRoutes(routes: Routes, services: ApiServices): void {
  const { journal, clock } = services;

  routes.get('/v1/status', async (): Promise<StatusView> => {
    const now = clock.now();
    const [summary, shared, nextAt] = await Promise.all([
      journal.summary(now),
      journal.shared(),
      journal.nextDueAt(),
    ]);
    return {
      ...services.info(),
      now,
      ...summary,
      holds: shared.holds.map((hold) => holdView(hold)),
      ...(nextAt === undefined ? {} : { nextAt }),
    };
  });

  routes.post('/v1/reload', async (_request, reply) => {
    const problems = await services.reload();
    return problems.length === 0 ? { reloaded: true } : reply.code(422).send({ reloaded: false, problems });
  });

  routes.post(
    '/v1/due',
    { schema: { querystring: z.strictObject({ wait: waitWords.prefault('1m') }) } },
    async ({ query }, reply) => {
      using waiting = startWaiting(services, reply.raw, query.wait);
      return await services.doDue({ until: clock.now() + query.wait, signal: waiting.signal });
    },
  );
}
