/**
 * Whom AWS takes the store for, and in which region it works. Asked once for each access key, because the answer depends on
 * nothing else, unless asked `again`.
 */
import { succeeded } from '../../domain/failure.ts';
import type { Result } from '../../domain/failure.ts';
import { callerOf } from './api.ts';
import type { Session } from './session.ts';

export interface Caller {
  /** Of a user, or of the session of a role. */
  readonly arn: string;
  readonly region: string;
}

export function callers(): (session: Session, again?: boolean) => Promise<Result<Caller>> {
  let known: { readonly accessKeyId: string; readonly caller: Caller } | undefined;
  return async (session, again = false) => {
    const key = await session.look('finding AWS credentials', async ({ secrets }) => ({
      accessKeyId: (await secrets.config.credentials()).accessKeyId,
      region: await secrets.config.region(),
    }));
    if (!key.ok) return key;
    const { accessKeyId, region } = key.value;
    if (!again && known?.accessKeyId === accessKeyId) return succeeded(known.caller);
    const arn = await callerOf(session);
    if (!arn.ok) return arn;
    known = { accessKeyId, caller: { arn: arn.value, region } };
    return succeeded(known.caller);
  };
}
