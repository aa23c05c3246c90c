/**
 * The control path: makes and lifts faults, does what a person at the console would do, and shows what has happened.
 * It asks for no credential and is there only where the emulator was started with it. It never shows a token.
 */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { Secret } from '../../domain/secret.ts';
import { fingerprintOf } from '../../domain/credential.ts';
import type { Person } from './person.ts';
import type { ExchangeOptions } from './exchange.ts';
import { kronupFault, ruleOf } from './fault.ts';
import type { ServiceAccount } from './service-account.ts';

export interface ControlOptions {
  readonly exchange: ExchangeOptions;
  readonly person: Person;
}

const DEEDS = ['regenerate', 'close', 'reopen', 'remove'] as const satisfies readonly (keyof Person)[];

export function addControl(app: FastifyInstance, options: ControlOptions): void {
  const { faults, memory } = options.exchange;

  app.post('/_control/faults', (request, reply) => {
    const parsed = kronupFault.safeParse(jsonOf(request.body));
    if (!parsed.success) return answer(reply, 400, { problems: parsed.error.issues.map(problemOf) });
    return answer(reply, 200, { id: faults.add(ruleOf(parsed.data, memory)).id });
  });
  app.get('/_control/faults', (_request, reply) => answer(reply, 200, { faults: faults.list() }));
  app.delete('/_control/faults', (_request, reply) => {
    faults.liftAll();
    return answer(reply, 200, {});
  });
  app.delete<{ Params: { id: string } }>('/_control/faults/:id', (request, reply) => {
    const lifted = faults.lift(request.params.id);
    return lifted ? answer(reply, 200, {}) : unknown(reply, `there is no fault ${request.params.id}`);
  });

  app.get<{ Querystring: { accountId?: string } }>('/_control/state', (request, reply) =>
    answer(reply, 200, stateOf(options, request.query.accountId)),
  );

  for (const deed of DEEDS) {
    app.post<{ Params: { accountId: string } }>(
      `/_control/accounts/:accountId/${deed}`,
      async (request, reply) => {
        const { accountId } = request.params;
        if (memory.organisation.find(accountId) === undefined)
          return unknown(reply, `there is no account ${accountId}`);
        await options.person[deed](accountId);
        return answer(reply, 200, stateOf(options, accountId));
      },
    );
  }
}

function stateOf({ exchange }: ControlOptions, accountId: string | undefined): object {
  const { memory, witness, faults } = exchange;
  const { organisation, manager } = memory;
  const isAsked = (id: string | undefined) => accountId === undefined || id === accountId;
  return {
    organisation: organisation.id,
    manager: manager.id,
    accounts: organisation.accounts.filter(({ id }) => isAsked(id)).map(shownAccount),
    calls: [...witness.counts].filter((count) => isAsked(count.accountId)),
    faults: faults.list(),
  };
}

function shownAccount(account: ServiceAccount): object {
  const { id, name, role, closedAt, generation, issuedAt, mints, token } = account;
  return {
    id,
    name,
    role,
    closed: closedAt !== 0,
    generation,
    mints,
    issuedAt,
    // Not signed yet, it has none.
    ...(token === undefined
      ? {}
      : { fingerprint: fingerprintOf({ kind: 'token', token: new Secret(token) }) }),
  };
}

function jsonOf(body: unknown): unknown {
  try {
    return typeof body === 'string' ? JSON.parse(body) : undefined;
  } catch {
    return undefined;
  }
}

function problemOf(issue: { readonly path: readonly PropertyKey[]; readonly message: string }): string {
  return issue.path.length === 0 ? issue.message : `${issue.path.map(String).join('.')}: ${issue.message}`;
}

function unknown(reply: FastifyReply, problem: string): FastifyReply {
  return answer(reply, 404, { problems: [problem] });
}

function answer(reply: FastifyReply, status: number, body: object): FastifyReply {
  return reply
    .code(status)
    .header('content-type', 'application/json; charset=utf-8')
    .send(JSON.stringify(body));
}
