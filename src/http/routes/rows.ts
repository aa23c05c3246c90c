/** Accounts with policy and record, as the journal keeps them: for whoever compares a configuration with what is known. */
import { z } from 'zod';
import type { Routes } from '../routes.ts';
import type { ApiServices } from '../services.ts';

const LIMIT_MAX = 1_000;

const filter = z.strictObject({
  after: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(LIMIT_MAX).default(LIMIT_MAX),
});

export function rowRoutes(routes: Routes, { journal }: ApiServices): void {
  routes.get('/v1/rows', { schema: { querystring: filter } }, ({ query: { after, limit } }) =>
    journal.accounts({ limit, ...(after === undefined ? {} : { after }) }),
  );
  routes.get('/v1/found', {}, async () => ({ found: Object.fromEntries(await journal.found()) }));
}
