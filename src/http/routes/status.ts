/** The daemon as a whole: who it is, how its accounts are, reloading. */
import { holdView } from '../views.ts';
import type { ApiServices } from '../services.ts';
import type { Routes } from '../routes.ts';

export function statusRoutes(routes: Routes, services: ApiServices): void {
  const { journal, clock } = services;

  routes.get('/v1/status', async () => {
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
      holds: shared.holds.map(holdView),
      ...(nextAt === undefined ? {} : { nextAt }),
    };
  });

  routes.post('/v1/reload', async (_request, reply) => {
    const problems = await services.reload();
    return problems.length === 0 ? { reloaded: true } : reply.code(422).send({ reloaded: false, problems });
  });
}
