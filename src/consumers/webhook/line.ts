/** Sends one call to a webhook once, within its time, and reads no more of the answer than is quoted. Follows no redirect. */
import { failed, succeeded } from '../../domain/failure.ts';
import type { Result } from '../../domain/failure.ts';
import { dispatchers } from '../../system/dispatcher.ts';
import type { TlsSettings } from '../../system/dispatcher.ts';
import { raced } from '../../system/raced.ts';
import { pemFile } from '../../system/trusted-file.ts';
import type { OpenConsumers } from '../entry.ts';
import { connectionFailure, timeoutFailure } from './answers.ts';
import type { Answer } from './answers.ts';
import type { WebhookConfig } from './entry.ts';

export interface Call {
  readonly method: 'HEAD' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Line extends AsyncDisposable {
  /** For messages: which webhook, and where. */
  readonly where: string;
  /**
   * Runs `work` within the time limit, which the signal that it is given keeps. What goes wrong on the way is a failure. Rejects with the
   * reason of `signal` when that is aborted first.
   */
  within<T>(signal: AbortSignal, work: (limit: AbortSignal) => Promise<Result<T>>): Promise<Result<T>>;
  send(call: Call, limit: AbortSignal): Promise<Result<Answer>>;
}

/** Of an answer no more is read: it is only quoted where it refuses. */
const TEXT_BYTES_MAX = 4_096;

export function lineTo({ name, config, clock, environment }: OpenConsumers<WebhookConfig>): Line {
  const { origin, pathname, search } = new URL(config.url);
  const where = `the webhook ${name} (${origin})`;
  const lines = dispatchers({ connectTimeoutMs: config.timeout, environment });
  return {
    where,
    async within(signal, work) {
      signal.throwIfAborted();
      using deadline = clock.deadline(config.timeout, signal);
      try {
        return await raced(deadline.signal, () => work(deadline.signal));
      } catch (error) {
        signal.throwIfAborted();
        return deadline.expired ? timeoutFailure(where, config.timeout) : connectionFailure(error, where);
      }
    },
    async send({ method, headers, body }, limit) {
      const tls = await tlsOf(config);
      if (!tls.ok) return tls;
      const answer = await lines.to(origin, tls.value).request({
        origin,
        path: pathname + search,
        method,
        headers: { accept: 'application/json', 'user-agent': 'rekeyd', ...headers },
        body: body ?? null,
        signal: limit,
      });
      const { statusCode: status } = answer;
      const text = status >= 200 && status <= 299 ? '' : await beginningOf(answer.body);
      // What is left of it is of no interest, nor is what goes wrong with that.
      answer.body.on('error', () => undefined).destroy();
      const [retryAfter] = [answer.headers['retry-after']].flat();
      return succeeded({ status, text, retryAfter });
    },
    [Symbol.asyncDispose]: () => lines[Symbol.asyncDispose](),
  };
}

async function tlsOf({ ca }: WebhookConfig): Promise<Result<TlsSettings>> {
  if (ca === undefined) return succeeded({});
  const text = await pemFile(ca);
  return text.ok ? succeeded({ ca: text.value }) : failed('consumer-refused', text.failure.message);
}

async function beginningOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.byteLength;
    if (length >= TEXT_BYTES_MAX) break;
  }
  return Buffer.concat(chunks).subarray(0, TEXT_BYTES_MAX).toString('utf8');
}
