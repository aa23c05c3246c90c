/** Probes as they are asked in this process. */
import { createProbes, type ProbesOptions } from '../../src/http/probes.ts';
import { FakeClock } from '../world/fake-clock.ts';

export function optionsWith(more: Partial<ProbesOptions> = {}): ProbesOptions {
  return {
    clock: new FakeClock(),
    stuck: () => undefined,
    checks: () => [{ name: 'journal', ok: true }],
    account: async () => undefined,
    metrics: {
      contentType: 'text/plain; version=0.0.4; charset=utf-8',
      async *render() {
        yield 'one 1\n';
        yield 'two 2\n';
      },
    },
    onError: (error) => {
      throw error;
    },
    ...more,
  };
}

/** What is answered to a GET. */
export async function ask(
  path: string,
  more?: Partial<ProbesOptions>,
): Promise<{
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}> {
  const app = createProbes(optionsWith(more));
  const { statusCode, headers, body } = await app.inject({ method: 'GET', url: path });
  await app.close();
  return { statusCode, headers, body };
}
