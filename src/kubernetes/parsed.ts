/** What an answer of the API server is, by a model of what was asked for. */
import { z } from 'zod';
import { failed, succeeded } from '../domain/failure.ts';
import type { Result } from '../domain/failure.ts';
import type { Answer } from './connection.ts';
import { answerFailure } from './failures.ts';
import type { Doing } from './failures.ts';

/**
 * Whether the API server itself says that the object is not there. Anybody in between answers 404 as well, such as a load balancer that has
 * lost the cluster: that tells nothing of the object.
 */
export function isNotThere({ status, body }: Answer): boolean {
  return status === 404 && notThere.safeParse(body).success;
}

const notThere = z.object({ kind: z.literal('Status'), reason: z.literal('NotFound') });

/** The object that was asked for. Fails in the API server's words where it refuses, and in ours where something else answers. */
export function parsed<T>(answer: Answer, model: z.ZodType<T>, doing: Doing): Result<T> {
  if (answer.status < 200 || answer.status > 299) return answerFailure(answer, doing);
  const result = model.safeParse(answer.body);
  if (result.success) return succeeded(result.data);
  const fields = result.error.issues.map(({ path }) => path.join('.')).join(', ');
  return failed(
    'store-unavailable',
    `${doing.action} ${doing.where}: the answer is not one of a Kubernetes API server (${fields || 'no JSON'}); see the ` +
      'configured server or kubeconfig, or a proxy in between',
    { status: answer.status },
  );
}
