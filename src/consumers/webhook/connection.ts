/** A webhook as a connection to consumers: one signed POST tells it of a new value. Loaded only where one is configured. */
import { succeeded } from '../../domain/failure.ts';
import type { Result } from '../../domain/failure.ts';
import type { ConsumerConnection } from '../../ports/consumer.ts';
import type { OpenConsumers } from '../entry.ts';
import { meaningOf } from './answers.ts';
import type { WebhookConfig } from './entry.ts';
import { lineTo } from './line.ts';
import { payloadOf } from './payload.ts';
import { signatureHeaders } from './signing.ts';

export function open(options: OpenConsumers<WebhookConfig>): ConsumerConnection {
  const { name, config, installation, clock } = options;
  const key = options.secretOf(config.signingKey);
  const line = lineTo(options);

  /** Read each time, so that a renewed key is used. */
  async function signed(id: string, body: string): Promise<Result<Readonly<Record<string, string>>>> {
    const secret = await key.read();
    if (!secret.ok) return secret;
    return signatureHeaders(secret.value, { id, at: clock.now(), body }, key.description);
  }

  return {
    name,
    kind: 'webhook',
    timeLimitMs: config.timeout,

    refresh: (refresh, { signal }) =>
      line.within(signal, async (limit) => {
        const body = payloadOf(refresh, installation);
        const signature = await signed(refresh.token, body);
        if (!signature.ok) return signature;
        const headers = { 'content-type': 'application/json', ...signature.value };
        const answer = await line.send({ method: 'POST', headers, body }, limit);
        if (!answer.ok) return answer;
        const meaning = meaningOf(answer.value, line.where);
        return meaning.ok ? succeeded({ state: 'through', at: clock.now() }) : meaning;
      }),

    preflight: (_step, { signal }) =>
      line.within(signal, async (limit) => {
        const signature = await signed('preflight', '');
        if (!signature.ok) return signature;
        const answer = await line.send({ method: 'HEAD', headers: {} }, limit);
        if (!answer.ok) return answer;
        // Whatever it thinks of HEAD: it is there. A call that it would act upon cannot be tried.
        return succeeded(`${line.where} answers (status ${answer.value.status} to HEAD), and there is a key`);
      }),

    whoAmI: ({ signal }) =>
      line.within(signal, async () => {
        const signature = await signed('who', '');
        return signature.ok ? succeeded(`whoever signs with the key in ${key.description}`) : signature;
      }),

    [Symbol.asyncDispose]: () => line[Symbol.asyncDispose](),
  };
}
