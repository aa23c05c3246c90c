/** What the configuration may say of a webhook. What speaks HTTP is loaded when one is opened. */
import { z } from 'zod';
import { isPlainToOthers } from '../../domain/loopback.ts';
import { duration, secretReference } from '../../ports/settings.ts';
import type { ConsumerEntry } from '../entry.ts';

const schema = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/, error: 'an address such as https://deploys.example.com/hooks/rekeyd' })
      .meta({
        description: 'Where a POST goes when a target holds a new value.',
      }),
    signingKey: secretReference.meta({
      description:
        'The key that calls are signed with, by reference: whsec_ and 24 to 64 bytes in base64; read again when it changes.',
    }),
    ca: z.string().min(1).optional().meta({
      description: 'A PEM file with the certificate authorities to trust, and no others.',
    }),
    insecure: z.boolean().default(false).meta({
      description:
        'Allow plain http to other machines: anybody on the way can then read which account rotates.',
    }),
    timeout: duration.default(10_000).meta({ description: 'The longest that one call may take.' }),
  })
  .refine(({ url, insecure }) => insecure || !isPlainToOthers(url), {
    path: ['url'],
    error: 'plain http to another machine: anybody on the way could read it; use https, or insecure: true',
  })
  .refine(({ url }) => !hasLogin(url), {
    path: ['url'],
    error: 'a login in an address: the signature says who calls; leave the login out',
  })
  .meta({ description: 'A webhook, signed as Standard Webhooks says.' });

export type WebhookConfig = z.output<typeof schema>;

export const webhook: ConsumerEntry<WebhookConfig> = {
  kind: 'webhook',
  schema,
  actions: ['webhook'],
  addressProblem: (does) =>
    does === 'webhook' ? undefined : `${does} is nothing that a webhook does; allowed: webhook`,
  load: async () => await import('./connection.ts'),
};

function hasLogin(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed !== null && (parsed.username !== '' || parsed.password !== '');
}
