/** Requests: what became of one that was asked for. */
import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import { followRequest, isSettled } from '../requests.ts';
import type { Routes } from '../routes.ts';
import type { ApiServices } from '../services.ts';
import { startWaiting, waitWords } from '../waiting.ts';

const query = z.strictObject({
  wait: waitWords.optional(),
  until: z.enum(['answered', 'ended'], { error: 'answered or ended' }).default('ended'),
});

export function requestRoutes(routes: Routes, services: ApiServices): void {
  routes.get(
    '/v1/requests/:id',
    { schema: { params: z.object({ id: z.string() }), querystring: query } },
    async (request, reply) => {
      const { until, wait = 0 } = request.query;
      const { id } = request.params;
      using waiting = startWaiting(services, reply.raw, wait);
      const view = await followRequest(services, id, { until, waiting });
      if (view === undefined)
        throw new ApiError(404, `there is no request ${id}; ids are known for 30 days after they were used`);
      void reply.code(isSettled(view, until) ? 200 : 202);
      return view;
    },
  );
}
