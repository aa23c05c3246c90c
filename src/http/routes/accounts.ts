/** Accounts: listed, shown, and what can be asked for one of them. */
import { z } from 'zod';
import { HOLDS } from '../../domain/hold.ts';
import type { HoldKind } from '../../domain/hold.ts';
import type { AccountFilter, AccountRow, RequestDoes } from '../../ports/journal.ts';
import { ApiError } from '../api-error.ts';
import { actorOf, idempotencyKey } from '../asking.ts';
import type { Routes } from '../routes.ts';
import type { ApiServices } from '../services.ts';
import { accountView } from '../views.ts';

const LIMIT_MAX = 1_000;
const LIMIT = 100;

const labels = z.union([z.string(), z.array(z.string())]).transform((given, context) => {
  const pairs = [given].flat().map((pair) => pair.split('='));
  if (pairs.some((pair) => pair.length !== 2))
    context.addIssue({ code: 'custom', message: 'a label is key=value' });
  return Object.fromEntries(pairs) as Record<string, string>;
});

const filter = z.object({
  after: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(LIMIT_MAX).default(LIMIT),
  provider: z.string().optional(),
  label: labels.optional(),
  hold: z.enum(Object.keys(HOLDS) as [HoldKind, ...HoldKind[]]).optional(),
});

const reason = z.string().trim().min(1).max(500);

export function accountRoutes(routes: Routes, services: ApiServices): void {
  const { journal, clock } = services;

  routes.get('/v1/accounts', { schema: { querystring: filter } }, async ({ query }) => {
    const [page, shared] = await Promise.all([journal.accounts(filterOf(query)), journal.shared()]);
    const now = clock.now();
    return { ...page, items: page.items.map((row) => accountView(row, shared, now)) };
  });

  routes.get(
    '/v1/accounts/:name',
    { schema: { params: z.object({ name: z.string() }) } },
    async ({ params }) => {
      const [row, shared] = await Promise.all([find(services, params.name), journal.shared()]);
      return accountView(row, shared, clock.now());
    },
  );

  routes.get(
    '/v1/accounts/:name/facts',
    {
      schema: {
        params: z.object({ name: z.string() }),
        querystring: z.object({
          after: z.string().optional(),
          limit: z.coerce.number().int().min(1).max(LIMIT_MAX).default(LIMIT),
        }),
      },
    },
    async ({ params, query }) => {
      await find(services, params.name);
      return journal.facts({
        account: params.name,
        limit: query.limit,
        ...(query.after && { after: query.after }),
      });
    },
  );

  for (const does of ['pause', 'resume', 'unpark', 'reconcile', 'accept'] as const)
    ask(routes, services, does);
}

/** `POST /v1/accounts/:name/<does>`: writes a request, wakes the loop, and waits until it is answered. */
function ask(routes: Routes, services: ApiServices, does: Exclude<RequestDoes, 'rotate'>): void {
  const body = z.object({
    reason,
    target: does === 'accept' ? z.string().min(1) : z.undefined().optional(),
  });
  const params = z.object({ name: z.string() });
  routes.post(`/v1/accounts/:name/${does}`, { schema: { params, body } }, async (request, reply) => {
    const { journal, clock } = services;
    const row = await find(services, request.params.name);
    const id = `${idempotencyKey(services, request)}/${row.id}`;
    const { target } = request.body;
    const cause = { actor: actorOf(request), reason: request.body.reason };
    services.received({ request: id, does, from: cause.actor });
    await journal.request(
      [{ id, account: row.id, does, cause, ...(target === undefined ? {} : { target }) }],
      clock.now(),
    );
    services.wake();
    const state = await answered(services, id);
    if (state?.state === 'refused') throw new ApiError(409, state.why ?? 'refused');
    return reply
      .code(state?.state === 'taken' ? 200 : 202)
      .send({ account: row.policy.name, request: id, state: state?.state ?? 'waiting' });
  });
}

const ANSWER_WAIT_MS = 10_000;

async function answered(services: ApiServices, id: string) {
  using deadline = services.clock.deadline(ANSWER_WAIT_MS);
  for (;;) {
    const state = await services.journal.requestState(id);
    if (state?.state !== 'waiting' || deadline.signal.aborted) return state;
    await services.changed(deadline.signal);
  }
}

export async function find({ journal }: ApiServices, name: string): Promise<AccountRow> {
  const row = await journal.account(name);
  if (row === undefined)
    throw new ApiError(404, `there is no account ${name}; rekeyd status lists those that there are`);
  return row;
}

function filterOf(query: z.output<typeof filter>): AccountFilter {
  const { after, limit, provider, label, hold } = query;
  return {
    limit,
    ...(after === undefined ? {} : { after }),
    ...(provider === undefined ? {} : { provider }),
    ...(label === undefined ? {} : { labels: label }),
    ...(hold === undefined ? {} : { hold }),
  };
}
