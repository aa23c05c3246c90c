/** Knows credentials by their shape, also where nobody made a `Secret` of them. */
import { scrub } from './secret.ts';

const PLACEHOLDER = '[secret]';

/** Whoever may send a text chooses how long it is and what stands in it: each of these reads it in a time that grows as its length does. */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/gs, PLACEHOLDER],
  // A JWT, and a JWT in base64.
  [/eyJ[\w-]{8,}(?:\.[\w-]*){0,2}/g, PLACEHOLDER],
  [/ZXlK[\w+/-]{16,}={0,2}/g, PLACEHOLDER],
  // A token of our own API.
  [/\brekeyd_token_[\w-]{16,}/g, PLACEHOLDER],
  [/\b(bearer|basic)\s+[\w.~+/-]{16,}=*/gi, `$1 ${PLACEHOLDER}`],
  // A parameter begins where the one before it ends, and its name is tried from the first telling word alone.
  [
    /([?&](?:(?!token|secret|password|signature|api_?key)[^?=&\s])*(?:token|secret|password|signature|api_?key)[^?=&\s]*=)[^&\s"']+/gi,
    `$1${PLACEHOLDER}`,
  ],
  [/(\/\/)[^/\s:@"']*:[^/\s@"']+@/g, `$1${PLACEHOLDER}@`],
];

/** In every text that has one of the shapes, and in few others: one look spares the rest. */
const MAY_HAVE_SHAPE = /eyJ|ZXlK|-----BEGIN|rekeyd_token_|bearer|basic|[?&]|\/\//i;

/** Longer texts of a person's are not repeated to that person. */
const REPEATED_LENGTH_MAX = 40;
/** URLs and what looks like a login may carry a password. */
const MAY_CARRY_PASSWORD = /:\/\/|@/;
/** A run of letters and digits this long is no word that a person has chosen. */
const RUN = /[A-Za-z\d+/=~]{16,}/g;

/**
 * Whether a text that somebody wrote in a wrong place could be a credential, or carry one: such a text is not repeated in the
 * message about it.
 */
export function mayBeSecret(text: string): boolean {
  if (text.length > REPEATED_LENGTH_MAX || MAY_CARRY_PASSWORD.test(text)) return true;
  return (text.match(RUN) ?? []).some((run) => /\d/.test(run) && /[A-Za-z]/.test(run));
}

/** The text without any living secret, nor anything that has the shape of a credential. */
export function sanitiseText(text: string): string {
  let clean = scrub(text);
  if (!MAY_HAVE_SHAPE.test(clean)) return clean;
  for (const [shape, instead] of SHAPES) clean = clean.replace(shape, instead);
  return clean;
}

const QUOTED_LENGTH_MAX = 300;
/** Also of what is encoded for a URL. */
const QUOTED_RUN = /[\w+/=~%-]{16,}/g;
/** Names as people choose them, each with digits at its end alone. */
const NAMES = /^(?:[A-Za-z]*\d{0,6}[-_/])*[A-Za-z]*\d{0,6}$/;
const NAMES_LENGTH_MAX = 253;
/** Names that Kubernetes makes have lower case alone, and short parts. */
const LONG_PART = /(?=[a-z]*\d)(?=\d*[a-z])[a-z\d]{16,}/i;

/**
 * Somebody else's words for a message of ours: on one line, short, and without anything that could be a credential. Whoever says them may
 * know more of these than we do: what lay beside ours, and ours before we have read it.
 */
export function quotedWords(text: string | undefined): string {
  return sanitiseText(text ?? '')
    .replaceAll(QUOTED_RUN, (run) => (isRandom(run) ? PLACEHOLDER : run))
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, QUOTED_LENGTH_MAX);
}

function isRandom(run: string): boolean {
  if (run.length > NAMES_LENGTH_MAX) return true;
  if (NAMES.test(run)) return false;
  return LONG_PART.test(run) || [/[a-z]/, /[A-Z]/, /\d/].every((some) => some.test(run));
}
