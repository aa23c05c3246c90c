/** Rotations: asked for, waited for, listed and shown. */
import { z } from 'zod';
import { dueNow } from '../../domain/due.ts';
import { parseDuration } from '../../domain/duration.ts';
import { isStanding, mintHold } from '../../domain/holds.ts';
import type { AccountFilter, AccountRow, RequestState, RotationRow, Shared } from '../../ports/journal.ts';
import { ApiError } from '../api-error.ts';
import { actorOf, idempotencyKey } from '../asking.ts';
import type { Routes } from '../routes.ts';
import type { ApiServices } from '../services.ts';
import { find } from './accounts.ts';

const ACCOUNTS_PAGE = 500;
const WAIT_MS_MAX = 600_000;

const selection = z
  .strictObject({
    accounts: z.array(z.string().min(1)).min(1).max(10_000).optional(),
    all: z.literal(true).optional(),
    provider: z.string().optional(),
    labels: z.record(z.string(), z.string()).optional(),
    reason: z.string().trim().min(1).max(500),
    dryRun: z.boolean().default(false),
  })
  .refine(
    ({ accounts, all, provider, labels }) => [accounts, all, provider ?? labels].filter(Boolean).length === 1,
    {
      error: 'name accounts, or all: true, or a provider or labels',
    },
  );

const wait = z
  .string()
  .transform(parseDuration)
  .pipe(z.number('a duration such as 30s').min(0).max(WAIT_MS_MAX));

/** What became of one account of a request. */
export interface AskedRotation {
  readonly account: string;
  readonly request?: string;
  readonly state: 'waiting' | 'taken' | 'refused' | 'would-rotate' | 'would-wait';
  readonly why?: string;
  readonly rotation?: RotationRow;
}

export function rotationRoutes(routes: Routes, services: ApiServices): void {
  const { journal } = services;

  routes.post(
    '/v1/rotations',
    { schema: { body: selection, querystring: z.object({ wait: wait.optional() }) } },
    async (request, reply) => {
      const { body, query } = request;
      const rows = await select(services, body);
      if (body.dryRun) return { rotations: await dryRun(services, rows) };
      const key = idempotencyKey(services, request);
      const cause = { actor: actorOf(request), reason: body.reason };
      const asked = rows.map((row) => ({
        id: `${key}/${row.id}`,
        account: row.id,
        does: 'rotate' as const,
        cause,
      }));
      services.received({ request: key, does: 'rotate', from: cause.actor });
      await journal.request(asked, services.clock.now());
      services.wake();
      const names = new Map(rows.map((row, index) => [asked[index]?.id ?? '', row.policy.name]));
      const rotations = await outcomes(services, names, query.wait ?? 0);
      return reply.code(rotations.every(isSettled) ? 200 : 202).send({ rotations });
    },
  );

  routes.get(
    '/v1/rotations',
    {
      schema: {
        querystring: z.object({
          account: z.string().optional(),
          after: z.string().optional(),
          limit: z.coerce.number().int().min(1).max(1_000).default(50),
        }),
      },
    },
    async ({ query: { account, after, limit } }) => {
      if (account !== undefined) await find(services, account);
      return journal.rotations({ limit, ...(account && { account }), ...(after && { after }) });
    },
  );

  routes.get(
    '/v1/rotations/:id',
    { schema: { params: z.object({ id: z.string() }) } },
    async ({ params }) => {
      const rotation = await journal.rotation(params.id);
      if (rotation === undefined)
        throw new ApiError(404, `there is no rotation ${params.id}; rekeyd history lists them`);
      return rotation;
    },
  );
}

async function select(
  services: ApiServices,
  body: z.output<typeof selection>,
): Promise<readonly AccountRow[]> {
  if (body.accounts !== undefined)
    return Promise.all([...new Set(body.accounts)].map((name) => find(services, name)));
  const rows: AccountRow[] = [];
  const filter: AccountFilter = {
    limit: ACCOUNTS_PAGE,
    ...(body.provider === undefined ? {} : { provider: body.provider }),
    ...(body.labels === undefined ? {} : { labels: body.labels }),
  };
  let after: string | undefined;
  do {
    const page = await services.journal.accounts({ ...filter, ...(after && { after }) });
    rows.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  if (rows.length === 0) throw new ApiError(404, 'no account fits; rekeyd status lists those that there are');
  return rows;
}

/** What a rotation now would do, from what is known: nothing is asked of providers or stores. */
async function dryRun(
  { journal, clock }: ApiServices,
  rows: readonly AccountRow[],
): Promise<readonly AskedRotation[]> {
  const shared = await journal.shared();
  return rows.map((row) => dryRunOne(row, shared, clock.now()));
}

function dryRunOne({ policy, record, configured }: AccountRow, shared: Shared, now: number): AskedRotation {
  const account = policy.name;
  if (!configured) return { account, state: 'refused', why: 'it has left the configuration' };
  const known = { policy, record, now, sharedHolds: shared.holds };
  const hold = mintHold(known, { trigger: 'manual', dueAt: now });
  if (hold === undefined) {
    const due = dueNow(known);
    return { account, state: 'would-rotate', ...(due && { why: `due anyway: ${due.trigger}` }) };
  }
  const why = `held (${hold.kind}): ${hold.reason}`;
  return { account, state: isStanding(hold) ? 'refused' : 'would-wait', why };
}

/** Waits until each request has come to its end, for at most `waitMs`. */
async function outcomes(
  services: ApiServices,
  names: ReadonlyMap<string, string>,
  waitMs: number,
): Promise<readonly AskedRotation[]> {
  using deadline = services.clock.deadline(waitMs);
  const settled = new Map<string, AskedRotation>();
  for (;;) {
    for (const [id, name] of names) {
      if (settled.has(id)) continue;
      const outcome = await outcomeOf(services, id, name);
      if (isSettled(outcome)) settled.set(id, outcome);
    }
    if (settled.size === names.size || deadline.signal.aborted || waitMs === 0) break;
    await services.changed(deadline.signal);
  }
  return Promise.all([...names].map(([id, name]) => settled.get(id) ?? outcomeOf(services, id, name)));
}

async function outcomeOf({ journal }: ApiServices, id: string, account: string): Promise<AskedRotation> {
  const state: RequestState | undefined = await journal.requestState(id);
  const found = state?.rotation === undefined ? undefined : await journal.rotation(state.rotation);
  return {
    account,
    request: id,
    state: state?.state ?? 'waiting',
    ...(state?.why === undefined ? {} : { why: state.why }),
    ...(found && { rotation: found.rotation }),
  };
}

export function isSettled({ state, rotation }: AskedRotation): boolean {
  return state === 'refused' || rotation?.outcome !== undefined;
}
