/**
 * A value that must not be seen: a credential, or the bytes of a target. Every way in which a value usually
 * gets printed (string, JSON, inspect) shows a placeholder; reading it takes an explicit `reveal()`, which
 * belongs on the last line before the wire.
 */

const PLACEHOLDER = '[secret]';

/** Secrets that are alive, so that the logger can scrub their values wherever they turn up. */
const living = new Set<WeakRef<Secret>>();
const forgotten = new FinalizationRegistry<WeakRef<Secret>>((reference) => living.delete(reference));

/** Values shorter than this are not scrubbed: they would be found in ordinary words. */
const SCRUBBED_LENGTH_MIN = 8;

export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
    if (value.length < SCRUBBED_LENGTH_MIN) return;
    const reference = new WeakRef(this);
    living.add(reference);
    forgotten.register(this, reference);
  }

  /** The value itself. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return PLACEHOLDER;
  }

  toJSON(): string {
    return PLACEHOLDER;
  }

  [Symbol.toPrimitive](): string {
    return PLACEHOLDER;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return PLACEHOLDER;
  }
}

/** The bytes of a target as a store keeps them: as secret as what is in them. */
export class SecretBytes {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array | string) {
    this.#bytes = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
  }

  get length(): number {
    return this.#bytes.byteLength;
  }

  reveal(): Uint8Array {
    return this.#bytes;
  }

  /** The bytes as text, or `undefined` where they are not UTF-8. */
  revealText(): string | undefined {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.#bytes);
    } catch {
      return undefined;
    }
  }

  equals(other: SecretBytes): boolean {
    return Buffer.compare(this.#bytes, other.#bytes) === 0;
  }

  toString(): string {
    return PLACEHOLDER;
  }

  toJSON(): string {
    return PLACEHOLDER;
  }

  [Symbol.toPrimitive](): string {
    return PLACEHOLDER;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return PLACEHOLDER;
  }
}

/**
 * The text without any value of a living `Secret`: plain, within a JSON string, URL-encoded, or in base64, also where it is
 * only a part of what was encoded.
 */
export function scrub(text: string): string {
  let clean = text;
  for (const reference of living) {
    const value = reference.deref()?.reveal();
    if (value === undefined || value.length > clean.length) continue;
    for (const form of formsOf(value)) {
      if (clean.includes(form)) clean = clean.replaceAll(form, PLACEHOLDER);
    }
  }
  return clean;
}

function formsOf(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  const encoded = [0, 1, 2].flatMap((offset) => [
    encodedAt(bytes, offset, 'base64'),
    encodedAt(bytes, offset, 'base64url'),
  ]);
  return [...new Set([value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value), ...encoded])];
}

/**
 * The characters that stand for these bytes alone when `offset` bytes (modulo 3) come before them: those that they share
 * with their neighbours are left out.
 */
function encodedAt(bytes: Uint8Array, offset: number, encoding: 'base64' | 'base64url'): string {
  const padded = Buffer.concat([Buffer.alloc(offset), bytes]);
  const first = Math.ceil((offset * 8) / 6);
  const last = Math.floor((padded.length * 8) / 6);
  return padded.toString(encoding).slice(first, last);
}
