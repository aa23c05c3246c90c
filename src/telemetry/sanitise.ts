/**
 * The net of the log against leaks, beside the `Secret` type: what goes into a line is copied with sensitive fields,
 * living secrets and everything that has the shape of a credential taken out.
 */
import { scrub, Secret, SecretBytes } from '../domain/secret.ts';

const PLACEHOLDER = '[secret]';

const DEPTH_MAX = 4;
const ITEMS_MAX = 50;
const CAUSES_MAX = 4;
const FRAMES_MAX = 20;
const TEXT_LENGTH_MAX = 8_192;

/** Names of fields whose values are not shown, whatever they are. */
const SENSITIVE =
  /token|secret|passw|passphrase|authori[sz]ation|cookie|credential|private.?key|api.?key|headers?$|^body$/i;

/** What has the shape of a credential is not shown, even where nobody made a `Secret` of it. */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/gs, PLACEHOLDER],
  // A JWT, and a JWT in base64.
  [/eyJ[\w-]{8,}(?:\.[\w-]*){0,2}/g, PLACEHOLDER],
  [/ZXlK[\w+/-]{16,}={0,2}/g, PLACEHOLDER],
  [/\b(bearer|basic)\s+[\w.~+/-]{16,}=*/gi, `$1 ${PLACEHOLDER}`],
  [/([?&][^=&\s]*(?:token|secret|password|signature|api_?key)[^=&\s]*=)[^&\s"']+/gi, `$1${PLACEHOLDER}`],
  [/(\/\/)[^/\s:@"']*:[^/\s@"']+@/g, `$1${PLACEHOLDER}@`],
];

/** A copy of the fields that is fit to be printed as JSON. */
export function sanitise(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return sanitiseFields(fields, 0);
}

/** The text without any living secret, nor anything that has the shape of a credential. */
function sanitiseText(text: string): string {
  let clean = scrub(text);
  for (const [shape, instead] of SHAPES) clean = clean.replace(shape, instead);
  if (clean.length <= TEXT_LENGTH_MAX) return clean;
  return `${clean.slice(0, TEXT_LENGTH_MAX)}… (${clean.length - TEXT_LENGTH_MAX} more characters)`;
}

function sanitiseFields(fields: object, depth: number): Record<string, unknown> {
  const clean: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields).slice(0, ITEMS_MAX)) {
    if (value === undefined || typeof value === 'function') continue;
    clean[sanitiseText(name)] = SENSITIVE.test(name) ? PLACEHOLDER : sanitiseValue(value, depth);
  }
  return clean;
}

function sanitiseValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return sanitiseText(value);
  if (typeof value === 'bigint' || typeof value === 'symbol') return sanitiseText(String(value));
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Secret || value instanceof SecretBytes) return PLACEHOLDER;
  if (value instanceof Error) return describeError(value);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof URL) return sanitiseText(value.href);
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
    type: sanitiseText(name),
    message: sanitiseText(message),
    ...(typeof code === 'string' || typeof code === 'number' ? { code: sanitiseValue(code, 0) } : {}),
    ...(frames.length > 0 && { stack: sanitiseText(frames.slice(0, FRAMES_MAX).join('\n')) }),
    ...(within instanceof Error && depth < CAUSES_MAX && { cause: describeError(within, depth + 1) }),
  };
}
