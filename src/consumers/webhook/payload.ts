/** What a webhook is told: that a target holds a new value, in names and a fingerprint. Never the value itself. */
import type { Refresh } from '../../ports/consumer.ts';

/** The text is the same for the same refresh, so that a repeated call is the same call. */
export function payloadOf(
  { account, target, fingerprint, rotation, neededAt }: Refresh,
  installation: string,
): string {
  return JSON.stringify({
    type: 'credential.delivered',
    timestamp: new Date(neededAt).toISOString(),
    data: { installation, account, target, fingerprint, ...(rotation !== undefined && { rotation }) },
  });
}
