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

/** The text without any value of a living `Secret`, in plain, base64 or URL-encoded form. */
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

function formsOf(value: string): string[] {
  return [value, Buffer.from(value).toString('base64'), encodeURIComponent(value)];
}
