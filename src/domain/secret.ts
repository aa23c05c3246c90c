/**
 * A value that must not be seen: a credential, or the bytes of a target. Every way in which a value usually
 * gets printed (string, JSON, inspect) shows a placeholder; reading it takes an explicit `reveal()`, which
 * belongs on the last line before the wire.
 */

import { createKnownSecrets } from './known-secrets.ts';

const PLACEHOLDER = '[secret]';

const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Values of secrets that are alive, so that the logger can scrub them wherever they turn up. */
const living = createKnownSecrets();
const forgotten = new FinalizationRegistry<() => void>((forget) => forget());

/** Shows nothing of itself, however it is printed. */
class Hidden {
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

export class Secret extends Hidden {
  readonly #value: string;

  constructor(value: string) {
    super();
    this.#value = value;
    const forget = living.add(value);
    if (forget !== undefined) forgotten.register(this, forget);
  }

  /** The value itself. */
  reveal(): string {
    return this.#value;
  }
}

/** The bytes of a target as a store keeps them: as secret as what is in them. */
export class SecretBytes extends Hidden {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array | string) {
    super();
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
      return STRICT_UTF8.decode(this.#bytes);
    } catch {
      return undefined;
    }
  }

  equals(other: SecretBytes): boolean {
    return Buffer.compare(this.#bytes, other.#bytes) === 0;
  }
}

/**
 * The text without any value of a living `Secret`: plain, within a JSON string, URL-encoded, or in base64, also where it is
 * only a part of what was encoded.
 */
export function scrub(text: string): string {
  return living.scrub(text, PLACEHOLDER);
}
