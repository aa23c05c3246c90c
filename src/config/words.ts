/** What was found and what is allowed, in words. Never repeats a text that could be a secret. */
import { closest, distance } from 'fastest-levenshtein';
import { mayBeSecret } from '../domain/credential-shapes.ts';

/** How many letters may be wrong in a word for another to be suggested: a third of it. */
const WRONG_SHARE = 3;
const LISTED_MAX = 30;

/** A value as a person would name it. */
export function foundWords(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (typeof value === 'string') return textWords(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return kindWords(value);
}

/** A key as a person would name it. */
export function namedKey(key: string): string {
  return mayBeSecret(key)
    ? 'key, which is not repeated here because it could be a secret'
    : `key ${JSON.stringify(key)}`;
}

/** What kind of value it is, without the value. */
export function kindWords(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'an empty mapping' : 'a mapping';
  if (typeof value === 'string') return 'a text';
  if (typeof value === 'boolean') return 'true or false';
  return 'a number';
}

/** `; did you mean "x"?`, or nothing where no known word is near. */
export function suggestion(word: string, known: readonly string[]): string {
  if (known.length === 0) return '';
  const letters = lettersOf(word);
  const same = known.find((other) => lettersOf(other) === letters);
  const near = same ?? closest(word, known);
  if (same === undefined && distance(word, near) > Math.max(1, word.length / WRONG_SHARE)) return '';
  return `; did you mean ${JSON.stringify(near)}?`;
}

/** The allowed words, as many as a person reads. */
export function listWords(words: readonly string[]): string {
  if (words.length === 0) return 'nothing';
  if (words.length <= LISTED_MAX) return words.join(', ');
  return `${words.slice(0, LISTED_MAX).join(', ')} and ${words.length - LISTED_MAX} more`;
}

/** Equal for words that differ in the order and case of their letters only. */
function lettersOf(word: string): string {
  return word.toLowerCase().split('').toSorted().join('');
}

function textWords(text: string): string {
  if (text === '') return 'an empty text';
  return mayBeSecret(text) ? 'a text' : JSON.stringify(text);
}
