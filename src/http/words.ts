/** Parts that several routes' schemas share, each with words for whoever gets it wrong. */
import { z } from 'zod';
import { sanitiseText } from '../domain/credential-shapes.ts';

const LIMIT_MAX = 1_000;
const REASON_LENGTH_MAX = 500;

const REASON = `say why, in 1 to ${REASON_LENGTH_MAX} characters: it is kept in the history`;

/** A credential that somebody pastes into a reason is not kept: one that the daemon is using, and what has the shape of one. */
export const reason = z
  .string(REASON)
  .trim()
  .min(1, REASON)
  .max(REASON_LENGTH_MAX, REASON)
  .transform((text) => sanitiseText(text));

export function pageLimit(usual: number): z.ZodType<number> {
  const words = `a whole number from 1 to ${LIMIT_MAX}`;
  return z.coerce.number(words).int(words).min(1, words).max(LIMIT_MAX, words).default(usual);
}

/** What is wrong with a request, as fastify's validation by zod reports it: one sentence for each value. */
export function validationWords(error: {
  readonly validation: readonly {
    readonly instancePath?: string;
    readonly message?: string;
    readonly params?: unknown;
  }[];
  readonly validationContext?: string | undefined;
}): string {
  const where = error.validationContext === 'querystring' ? 'query' : (error.validationContext ?? 'request');
  const words = error.validation.map(({ instancePath = '', message = 'is wrong' }) => {
    const path = instancePath.split('/').filter(Boolean).join('.');
    return path === '' ? `${where}: ${message}` : `${where} ${path}: ${message}`;
  });
  return [...new Set(words)].join('; ');
}
