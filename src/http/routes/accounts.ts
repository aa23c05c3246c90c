/** Accounts: listed, shown, and what can be asked for one of them. */
import { z } from 'zod';
import { HOLDS } from '../../domain/hold.ts';
import type { HoldKind } from '../../domain/hold.ts';
import type { AccountFilter, RequestDoes } from '../../ports/journal.ts';
import { ApiError } from '../api-error.ts';
import { findAccount } from '../finding.ts';
import { ask, followRequest } from '../requests.ts';
import type { Routes } from '../routes.ts';
import type { ApiServices } from '../services.ts';
import { accountView } from '../views.ts';
import { startWaiting } from '../waiting.ts';
import { pageLimit, reason } from '../words.ts';

const LIMIT = 100;
/** How long a request is waited for: mostly it is answered at once, but the account may be worked on. */
const ANSWER_WAIT_MS = 10_000;

const labels = z.union([z.string(), z.array(z.string())]).transform((given, context) => {
  const pairs = [given].flat().map((pair) => {
    const at = pair.indexOf('=');
    return at < 1 ? undefined : ([pair.slice(0, at), pair.slice(at + 1)] as const);
  });
  const whole = pairs.filter((pair) => pair !== undefined);
  if (whole.length < pairs.length) context.addIssue({ code: 'custom', message: 'a label is key=value' });
  return Object.fromEntries<string>(whole);
});

const filter = z.strictObject({
  after: z.string().optional(),
  limit: pageLimit(LIMIT),
  provider: z.string().optional(),
  label: labels.optional(),
  hold: z
    .enum(Object.keys(HOLDS) as [HoldKind, ...HoldKind[]], {
      error: `one of ${Object.keys(HOLDS).join(', ')}`,
    })
    .optional(),
});

const named = z.object({ name: z.string() });

export function accountRoutes(routes: Routes, services: ApiServices): void {
  const { journal, clock } = services;

  routes.get('/v1/accounts', { schema: { querystring: filter } }, async ({ query }) => {
    const [page, shared] = await Promise.all([journal.accounts(filterOf(query)), journal.shared()]);
    const now = clock.now();
    return { ...page, items: page.items.map((row) => accountView(row, shared, now)) };
  });

  routes.get('/v1/accounts/:name', { schema: { params: named } }, async ({ params }) => {
    const [row, shared] = await Promise.all([findAccount(services, params.name), journal.shared()]);
    return accountView(row, shared, clock.now());
  });

  routes.get(
    '/v1/accounts/:name/facts',
    {
      schema: {
        params: named,
        querystring: z.strictObject({
          after: z.string().regex(/^\d+$/, 'the value of `next` on the page before').optional(),
          limit: pageLimit(LIMIT),
        }),
      },
    },
    async ({ params, query: { after, limit } }) => {
      await findAccount(services, params.name);
      return journal.facts({ account: params.name, limit, ...(after && { after }) });
    },
  );

  for (const does of ['pause', 'resume', 'unpark', 'reconcile', 'accept', 'standby'] as const)
    acceptRequest(routes, services, does);
}

/** Requests that are about one thing of an account, which `target` names. */
const NAMED: { readonly [Does in RequestDoes]?: string } = {
  accept: 'name the target',
  standby: 'name the account id',
};

/** `POST /v1/accounts/:name/<does>`: writes a request, wakes the loop, and waits until it is answered. */
function acceptRequest(routes: Routes, services: ApiServices, does: Exclude<RequestDoes, 'rotate'>): void {
  const body = z.strictObject({
    reason,
    target: does in NAMED ? z.string(NAMED[does]).min(1, NAMED[does]) : z.undefined().optional(),
  });
  routes.post(`/v1/accounts/:name/${does}`, { schema: { params: named, body } }, async (request, reply) => {
    const { target, reason: why } = request.body;
    using waiting = startWaiting(services, reply.raw, ANSWER_WAIT_MS);
    const row = await findAccount(services, request.params.name);
    const [id = ''] = await ask(services, request, [row], { does, target, reason: why });
    const view = await followRequest(services, id, { until: 'answered', waiting });
    if (view?.state === 'refused') throw new ApiError(409, view.why ?? 'refused');
    void reply.code(view?.state === 'taken' ? 200 : 202);
    return { account: row.policy.name, ...view };
  });
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
