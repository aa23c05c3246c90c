/** What the models of all APIs share: how a field is read that nothing rests on, and how it is said what does not fit. */
import type { z } from 'zod';

/** A field that nothing rests on: dropped where it is not as documented, so that it can never stop a rotation. */
export function loose<Schema extends z.ZodType>(schema: Schema): z.ZodCatch<z.ZodOptional<Schema>> {
  return schema.optional().catch(undefined);
}

/** Where the first thing is that does not fit, and why; never with a value of the body. */
export function problemOf(error: z.ZodError, at: readonly PropertyKey[] = []): string {
  const issue = error.issues[0];
  if (issue === undefined) return 'the body does not fit';
  const path = pathText([...at, ...issue.path]);
  return `${path}: ${issue.message.replace(/^Invalid input: /, '')}`;
}

function pathText(path: readonly PropertyKey[]): string {
  const text = path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
  return text === '' ? 'the body' : text;
}
