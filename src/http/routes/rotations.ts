/** Rotations: asked for, waited for, listed and shown. */
import { z } from 'zod';
import { dueNow } from '../../domain/due.ts';
import type { Due } from '../../domain/due.ts';
import { isStanding, mintHold } from '../../domain/holds.ts';
import { compromiseOf } from '../../domain/request.ts';
import type { Compromise } from '../../domain/request.ts';
import type { AccountFilter, AccountRow, RequestDoes, RotationRow, Shared } from '../../ports/journal.ts';
import { accountPages } from '../account-pages.ts';
import { ApiError } from '../api-error.ts';
import { findAccount, findAccounts } from '../finding.ts';
import { ask, followRequest, isSettled } from '../requests.ts';
import type { RequestView } from '../requests.ts';
import type { Routes } from '../routes.ts';
import type { ApiServices } from '../services.ts';
import { startWaiting, waitWords } from '../waiting.ts';
import type { Waiting } from '../waiting.ts';
import { pageLimit, reason } from '../words.ts';

const ACCOUNTS_PAGE = 500;
const ACCOUNTS_MAX = 10_000;
const LIMIT = 50;

const selection = z
  .strictObject({
    accounts: z
      .array(z.string().min(1))
      .min(1, 'name one account or more')
      .max(ACCOUNTS_MAX, `at most ${ACCOUNTS_MAX} accounts; choose by label or provider instead`)
      .optional(),
    all: z.literal(true, 'true, or left out').optional(),
    provider: z.string().min(1).optional(),
    labels: z
      .record(z.string(), z.string())
      .refine((given) => Object.keys(given).length > 0, 'name one label or more')
      .optional(),
    reason,
    /** The live credential has leaked: it is ended without grace, and tried. */
    compromised: z.boolean().default(false),
    /** It is ended as soon as there is another one, before that is delivered. */
    now: z.boolean().default(false),
    dryRun: z.boolean().default(false),
  })
  .refine(({ compromised, now }) => compromised || !now, {
    path: ['now'],
    error: 'goes with compromised only: it waits for no target',
  })
  .refine(
    ({ accounts, all, provider, labels }) => [accounts, all, provider ?? labels].filter(Boolean).length === 1,
    'choose the accounts in one way: by name, or all, or by provider and labels',
  );

/** What became of one account of a request. */
export interface AskedRotation {
  readonly account: string;
  readonly request?: string;
  readonly state: RequestView['state'] | 'would-rotate' | 'would-wait';
  readonly why?: string;
  readonly rotation?: RotationRow;
}

export function rotationRoutes(routes: Routes, services: ApiServices): void {
  const { journal } = services;
  const querystring = z.strictObject({ wait: waitWords.optional() });

  routes.post('/v1/rotations', { schema: { body: selection, querystring } }, async (request, reply) => {
    const { body, query } = request;
    using waiting = startWaiting(services, reply.raw, query.wait ?? 0);
    const rows = await select(services, body);
    if (body.dryRun) return { rotations: await dryRun(services, rows, compromiseOf(doesOf(body))) };
    const ids = await ask(services, request, rows, { does: doesOf(body), reason: body.reason });
    const views = await follow(services, ids, waiting);
    const rotations = views.map((view, index): AskedRotation => {
      return { account: rows[index]?.policy.name ?? '', ...view };
    });
    void reply.code(views.every((view) => isSettled(view, 'ended')) ? 200 : 202);
    return { rotations };
  });

  routes.get(
    '/v1/rotations',
    {
      schema: {
        querystring: z.strictObject({
          account: z.string().optional(),
          after: z.string().optional(),
          limit: pageLimit(LIMIT),
        }),
      },
    },
    async ({ query: { account, after, limit } }) => {
      if (account !== undefined) await findAccount(services, account);
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

function doesOf({ compromised, now }: z.output<typeof selection>): RequestDoes {
  if (!compromised) return 'rotate';
  return now ? 'rotate-compromised-now' : 'rotate-compromised';
}

async function select(
  services: ApiServices,
  body: z.output<typeof selection>,
): Promise<readonly AccountRow[]> {
  if (body.accounts !== undefined) return findAccounts(services, body.accounts);
  const rows: AccountRow[] = [];
  const filter: AccountFilter = {
    limit: ACCOUNTS_PAGE,
    ...(body.provider === undefined ? {} : { provider: body.provider }),
    ...(body.labels === undefined ? {} : { labels: body.labels }),
  };
  for await (const page of accountPages(services.journal, filter)) rows.push(...page);
  if (rows.length === 0) throw new ApiError(404, 'no account fits; rekeyd status lists the accounts');
  return rows;
}

/** What a rotation now would do, from what is known: nothing is asked of providers or stores. */
async function dryRun(
  { journal, clock }: ApiServices,
  rows: readonly AccountRow[],
  compromised: Compromise | undefined,
): Promise<readonly AskedRotation[]> {
  const shared = await journal.shared();
  const due = { trigger: 'manual', dueAt: clock.now(), ...(compromised && { compromised }) } as const;
  return rows.map((row) => dryRunOne(row, shared, due));
}

function dryRunOne({ policy, record, configured }: AccountRow, shared: Shared, asked: Due): AskedRotation {
  const account = policy.name;
  if (!configured) return { account, state: 'refused', why: 'it has left the configuration' };
  const known = { policy, record, now: asked.dueAt, sharedHolds: shared.holds };
  const hold = mintHold(known, asked);
  if (hold === undefined) {
    const due = dueNow(known);
    return { account, state: 'would-rotate', ...(due && { why: `due anyway: ${due.trigger}` }) };
  }
  const why = `held (${hold.kind}): ${hold.reason}`;
  return { account, state: isStanding(hold) ? 'refused' : 'would-wait', why };
}

/** One after the other: all have ended when the last one has. */
async function follow(
  services: ApiServices,
  ids: readonly string[],
  waiting: Waiting,
): Promise<readonly RequestView[]> {
  const views: RequestView[] = [];
  for (const id of ids) {
    const view = await followRequest(services, id, { until: 'ended', waiting });
    if (view !== undefined) views.push(view);
  }
  return views;
}
