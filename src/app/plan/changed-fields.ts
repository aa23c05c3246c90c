/** Which fields of an account a configuration changes, in the configuration's words. Pure. */
import type { Account } from '../../domain/account.ts';
import type { Target } from '../../domain/target.ts';

/** Such as `schedule`, `targets: + files:app/token`, `targets: files:app/token (format)`. Empty: nothing changes. */
export function changedFields(before: Account, after: Account): string[] {
  // Since when it has its schedule, no configuration says.
  const { targets: targetsBefore, scheduledAt: _before, ...restBefore } = before;
  const { targets: targetsAfter, scheduledAt: _after, ...restAfter } = after;
  return [...changedKeys(restBefore, restAfter), ...changedTargets(targetsBefore, targetsAfter)];
}

function changedTargets(before: readonly Target[], after: readonly Target[]): string[] {
  const known = new Map(before.map((target) => [target.id, target]));
  const kept = new Set(after.map(({ id }) => id));
  const fields = after.flatMap((target) => {
    const was = known.get(target.id);
    if (was === undefined) return [`targets: + ${target.id}`];
    const keys = changedKeys(was, target);
    return keys.length === 0 ? [] : [`targets: ${target.id} (${keys.join(', ')})`];
  });
  return [...fields, ...before.filter(({ id }) => !kept.has(id)).map(({ id }) => `targets: - ${id}`)];
}

function changedKeys(before: object, after: object): string[] {
  const was = new Map<string, unknown>(Object.entries(before));
  const is = new Map<string, unknown>(Object.entries(after));
  return [...new Set([...was.keys(), ...is.keys()])]
    .filter((key) => canonical(was.get(key)) !== canonical(is.get(key)))
    .map((key) => WORDS[key] ?? key.replace(/Ms$/, ''));
}

/** Where the configuration's word is not the policy's. */
const WORDS: Readonly<Record<string, string>> = {
  accountIds: 'accountId',
  allow: 'windows.allow',
  deny: 'windows.deny',
  leadsTo: 'where its store leads',
  origin: "the provider's baseUrl",
};

/** The same text for the same value, whatever the order of its keys. */
function canonical(value: unknown): string | undefined {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  );
}
