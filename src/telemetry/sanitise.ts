/**
 * The net of the log against leaks, beside the `Secret` type: what goes into a line is copied with sensitive fields,
 * living secrets and everything that has the shape of a credential taken out.
 */
import { sanitiseText } from '../domain/credential-shapes.ts';
import { Secret, SecretBytes } from '../domain/secret.ts';

const PLACEHOLDER = '[secret]';

const DEPTH_MAX = 4;
const ITEMS_MAX = 50;
const CAUSES_MAX = 4;
const FRAMES_MAX = 20;
const TEXT_LENGTH_MAX = 8_192;

/** Names of fields whose values are not shown, whatever they are. */
const SENSITIVE =
  /token|secret|passw|passphrase|authori[sz]ation|cookie|credential|private.?key|api.?key|headers?$|^body$/i;

/** A copy of the fields that is fit to be printed as JSON. */
export function sanitise(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return sanitiseFields(fields, 0);
}

/** No longer than one line should be. */
function shortText(text: string): string {
  const clean = sanitiseText(text);
  if (clean.length <= TEXT_LENGTH_MAX) return clean;
  return `${clean.slice(0, TEXT_LENGTH_MAX)}… (${clean.length - TEXT_LENGTH_MAX} more characters)`;
}

function sanitiseFields(fields: object, depth: number): Record<string, unknown> {
  const clean: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields).slice(0, ITEMS_MAX)) {
    if (value === undefined || typeof value === 'function') continue;
    clean[shortText(name)] = SENSITIVE.test(name) ? PLACEHOLDER : sanitiseValue(value, depth);
  }
  return clean;
}

/** A copy of any value that is fit to be printed as JSON. */
export function sanitiseValue(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return shortText(value);
  if (typeof value === 'bigint' || typeof value === 'symbol') return shortText(String(value));
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Secret || value instanceof SecretBytes) return PLACEHOLDER;
  if (value instanceof Error) return describeError(value);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof URL) return shortText(value.href);
  if (depth >= DEPTH_MAX) return '[too deep]';
  if (value instanceof Map) return sanitiseFields(Object.fromEntries(value) as object, depth + 1);
  if (Array.isArray(value) || value instanceof Set) {
    return [...(value as Iterable<unknown>)]
      .slice(0, ITEMS_MAX)
      .map((item) => sanitiseValue(item, depth + 1));
  }
  return sanitiseFields(value, depth + 1);
}

/** Its kind, message, code, where it was thrown, and causes. Never what libraries hang on it: headers, bodies, requests. */
function describeError(error: Error, depth = 0): Record<string, unknown> {
  const { name, message, stack, cause } = error;
  const code: unknown = 'code' in error ? error.code : undefined;
  const frames = (stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const within = error instanceof AggregateError ? (error.errors as unknown[])[0] : cause;
  return {
    type: shortText(name),
    message: shortText(message),
    ...(typeof code === 'string' || typeof code === 'number' ? { code: sanitiseValue(code, 0) } : {}),
    ...(frames.length > 0 && { stack: shortText(frames.slice(0, FRAMES_MAX).join('\n')) }),
    ...(within instanceof Error && depth < CAUSES_MAX && { cause: describeError(within, depth + 1) }),
  };
}
