/** Requests as the API takes them in and answers for them: written to the journal once for each id, whoever asks how often. */
import type { FastifyRequest } from 'fastify';
import { asksToRotate } from '../domain/request.ts';
import type { AccountRow, RequestDoes, RequestState, RotationRow } from '../ports/journal.ts';
import { ApiError } from './api-error.ts';
import { idempotencyKey, refuseCredential } from './asking.ts';
import { actorOf } from './caller.ts';
import type { ApiServices } from './services.ts';
import { lookUntil } from './waiting.ts';
import type { Waiting } from './waiting.ts';

/** What became of a request. */
export interface RequestView {
  readonly request: string;
  readonly does: RequestDoes;
  readonly state: 'waiting' | 'taken' | 'refused';
  readonly why?: string;
  /** The rotation that it became part of. */
  readonly rotation?: RotationRow;
}

/** What is asked for, of one account or of several. */
export interface Asking {
  readonly does: RequestDoes;
  readonly target?: string | undefined;
  readonly reason: string;
}

/** Writes a request for each account and wakes the loop; answers their ids. The same key again writes nothing. */
export async function ask(
  services: ApiServices,
  request: Pick<FastifyRequest, 'caller' | 'headers'>,
  rows: readonly AccountRow[],
  { does, target, reason }: Asking,
): Promise<readonly string[]> {
  const key = idempotencyKey(services, request);
  refuseCredential('target', target ?? '');
  const cause = { actor: actorOf(request), reason };
  const asked = rows.map(({ id: account }) => ({
    id: `${key}/${account}`,
    account,
    does,
    cause,
    ...(target === undefined ? {} : { target }),
  }));
  const states = await services.journal.request(asked, services.clock.now());
  const other = states.find((state) => state.does !== does || state.target !== target);
  if (other !== undefined) {
    const words = `${other.does}${other.target === undefined ? '' : ` ${other.target}`}`;
    throw new ApiError(
      422,
      `the request id ${key} was used to ask for something else (${words}); choose another`,
    );
  }
  services.received({ request: key, does, from: cause.actor });
  services.wake();
  return asked.map(({ id }) => id);
}

/** `answered`: it was taken or refused. `ended`: a rotation that it became part of has ended as well. */
export type Until = 'answered' | 'ended';

/** Resolves when it has come so far, else as it is when the waiting ends. */
export async function followRequest(
  services: ApiServices,
  id: string,
  options: { readonly until: Until; readonly waiting: Pick<Waiting, 'signal'> },
): Promise<RequestView | undefined> {
  return lookUntil(services, options.waiting, {
    look: () => requestView(services, id),
    settled: (view) => view === undefined || isSettled(view, options.until),
  });
}

export function isSettled({ does, state, rotation }: RequestView, until: Until): boolean {
  if (state === 'waiting') return false;
  return (
    until === 'answered' || !asksToRotate(does) || state === 'refused' || rotation?.outcome !== undefined
  );
}

async function requestView({ journal }: ApiServices, id: string): Promise<RequestView | undefined> {
  const state: RequestState | undefined = await journal.requestState(id);
  if (state === undefined) return undefined;
  const found = state.rotation === undefined ? undefined : await journal.rotation(state.rotation);
  return {
    request: id,
    does: state.does,
    state: state.state,
    ...(state.why === undefined ? {} : { why: state.why }),
    ...(found && { rotation: found.rotation }),
  };
}
