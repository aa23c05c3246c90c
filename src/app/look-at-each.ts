/**
 * Looks at many accounts for whoever wants to know of all of them, so that one that cannot be looked at is nobody else's trouble.
 * Decides nothing about what is seen.
 */
import { isEverybodys, succeeded } from '../domain/failure.ts';
import type { Failure, Result } from '../domain/failure.ts';
import type { AccountRef, Provider, SeenAccount } from '../ports/provider.ts';

export interface SeenEach {
  /** By account id. */
  readonly accounts: ReadonlyMap<string, SeenAccount>;
  /** Why an account could not be looked at, by its id. */
  readonly failures: ReadonlyMap<string, Failure>;
  /** As a sighting has it. */
  readonly clockOffsetMs?: number;
}

/** At least one account. Fails where the failure is everybody's, and where none could be looked at. */
export async function lookAtEach(
  provider: Provider,
  refs: readonly AccountRef[],
  { signal }: { readonly signal: AbortSignal },
): Promise<Result<SeenEach>> {
  const groups = provider.looksAtMany ? [refs] : refs.map((ref) => [ref]);
  const accounts = new Map<string, SeenAccount>();
  const failures = new Map<string, Failure>();
  let clockOffsetMs: number | undefined;
  let everybodys: Result<never> | undefined;
  await Promise.all(
    groups.map(async (group) => {
      const look = await provider.observe(group, { signal });
      if (!look.ok) {
        for (const { accountId } of group) failures.set(accountId, look.failure);
        if (isEverybodys(look.failure)) everybodys ??= look;
        return;
      }
      for (const [id, seen] of look.value.accounts) accounts.set(id, seen);
      clockOffsetMs ??= look.value.clockOffsetMs;
    }),
  );
  if (everybodys !== undefined) return everybodys;
  const [failure] = failures.values();
  if (failure !== undefined && accounts.size === 0) return { ok: false, failure };
  return succeeded({ accounts, failures, ...(clockOffsetMs === undefined ? {} : { clockOffsetMs }) });
}
