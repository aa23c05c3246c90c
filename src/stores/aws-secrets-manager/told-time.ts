/** Reads what time it is at AWS off its answers, before the SDK takes them apart. It changes nothing about them. */
import type { OpenStore } from '../entry.ts';

/** Innermost: the answer as it came, whether it is a success or not. */
export const AS_RECEIVED = { step: 'deserialize', priority: 'low', name: 'rekeydToldTime' } as const;

/** Half of the second that the header's whole seconds leave open. */
const DATE_HALF_STEP_MS = 500;

type Headers = Readonly<Record<string, string | undefined>>;

/** A middleware. Anybody may answer for AWS, such as a proxy; only AWS gives its requests ids. */
export function tellTime({ clock, onTime }: Pick<OpenStore<unknown>, 'clock' | 'onTime'>) {
  return <Given, Answer extends { readonly response: unknown }>(next: (given: Given) => Promise<Answer>) =>
    async (given: Given): Promise<Answer> => {
      const sentAt = clock.elapsed();
      const answer = await next(given);
      const headers = headersOf(answer.response);
      const date = Date.parse(headers['date'] ?? '') + DATE_HALF_STEP_MS;
      const isTheirs = headers['x-amzn-requestid'] !== undefined && headers['age'] === undefined;
      if (isTheirs && !Number.isNaN(date)) onTime?.({ date, sentAt, receivedAt: clock.elapsed() });
      return answer;
    };
}

function headersOf(response: unknown): Headers {
  const headers: unknown =
    typeof response === 'object' && response !== null ? Reflect.get(response, 'headers') : undefined;
  const entries = typeof headers === 'object' && headers !== null ? Object.entries(headers) : [];
  return Object.fromEntries(
    entries.map(([name, value]) => [name.toLowerCase(), typeof value === 'string' ? value : undefined]),
  );
}
