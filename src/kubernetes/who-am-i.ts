/** Asks the API server for whom it takes the caller. Everybody may ask that. */
import { z } from 'zod';
import { succeeded } from '../domain/failure.ts';
import type { Result } from '../domain/failure.ts';
import type { Connection, Send } from './connection.ts';
import { parsed } from './parsed.ts';

const REVIEW = '{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}';

const model = z.object({
  status: z.object({ userInfo: z.object({ username: z.string().min(1) }) }),
});

/** Such as `system:serviceaccount:rekeyd:rekeyd`. */
export type Caller = (
  send: Send,
  options?: { readonly again?: boolean | undefined },
) => Promise<Result<string>>;

/** Asks once for each credential of the connection, unless told to ask again. */
export function callerOf(connection: Pick<Connection, 'generation'>): Caller {
  let known: { readonly generation: number; readonly who: string } | undefined;
  return async (send, { again = false } = {}) => {
    if (!again && known?.generation === connection.generation()) return succeeded(known.who);
    const who = await ask(send);
    if (who.ok) known = { generation: connection.generation(), who: who.value };
    return who;
  };
}

async function ask(send: Send): Promise<Result<string>> {
  const doing = { action: 'asking', verb: 'create', where: 'the API server who rekeyd is' };
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  const answer = await send(
    { method: 'POST', path, contentType: 'application/json', body: () => REVIEW },
    doing,
  );
  if (!answer.ok) return answer;
  const review = parsed(answer.value, model, doing);
  return review.ok ? succeeded(review.value.status.userInfo.username) : review;
}
