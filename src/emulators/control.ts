/**
 * The control path of an emulator: makes and lifts faults, does what a person at the console would do, and shows what has
 * happened. It asks for no credential and is there only where the emulator was started with it. It never shows a credential.
 */
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { z } from 'zod';
import type { Fault } from './faults.ts';

export interface ControlOptions<AnyFault> {
  readonly schema: z.ZodType<unknown, AnyFault>;
  readonly faults: {
    add(fault: AnyFault): Pick<Fault, 'id'>;
    list(): readonly unknown[];
    lift(id: string): boolean;
    liftAll(): void;
  };
  /** What can be done, by the path below `/_control/`, such as `accounts/:accountId/close`; its parameter is its argument. */
  readonly deeds: Readonly<Record<string, (id: string) => Promise<void>>>;
  /** Why this is no argument of a deed, if so. */
  readonly unknown: (id: string) => string | undefined;
  /** The state, as far as it is about this id; all of it without one. */
  readonly state: (id: string | undefined) => object;
}

export function addControl<AnyFault>(app: FastifyInstance, options: ControlOptions<AnyFault>): void {
  const { faults, schema } = options;
  app.post('/_control/faults', (request, reply) => {
    const asked = jsonOf(request.body);
    const parsed = schema.safeParse(asked);
    if (!parsed.success) return answer(reply, 400, { problems: parsed.error.issues.map(problemOf) });
    return answer(reply, 200, { id: faults.add(asked as AnyFault).id });
  });
  app.get('/_control/faults', (_request, reply) => answer(reply, 200, { faults: faults.list() }));
  app.delete('/_control/faults', (_request, reply) => {
    faults.liftAll();
    return answer(reply, 200, {});
  });
  app.delete<{ Params: { id: string } }>('/_control/faults/:id', (request, reply) => {
    const lifted = faults.lift(request.params.id);
    return lifted ? answer(reply, 200, {}) : missing(reply, `there is no fault ${request.params.id}`);
  });
  app.get<{ Querystring: { accountId?: string } }>('/_control/state', (request, reply) =>
    answer(reply, 200, options.state(request.query.accountId)),
  );
  for (const [path, deed] of Object.entries(options.deeds)) {
    app.post<{ Params: Record<string, string> }>(`/_control/${path}`, async (request, reply) => {
      const [id = ''] = Object.values(request.params);
      const problem = options.unknown(id);
      if (problem !== undefined) return missing(reply, problem);
      await deed(id);
      return answer(reply, 200, options.state(id));
    });
  }
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

function missing(reply: FastifyReply, problem: string): FastifyReply {
  return answer(reply, 404, { problems: [problem] });
}

function answer(reply: FastifyReply, status: number, body: object): FastifyReply {
  return reply
    .code(status)
    .header('content-type', 'application/json; charset=utf-8')
    .send(JSON.stringify(body));
}
