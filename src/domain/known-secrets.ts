/**
 * The values that must not be seen, so indexed that looking for all of them takes as long as reading the text once, however
 * many there are. It decides nothing about what is secret.
 */

/** Characters at the end of a form by which it is looked up. Ends differ where beginnings do not, as those of JWTs. */
const ANCHOR_LENGTH = 8;
/** Shorter values are not looked for: they would be found in ordinary words. */
const VALUE_LENGTH_MIN = ANCHOR_LENGTH;
/** Slots of the filter that most positions of a text do not get past. A power of two. */
const FILTER_SLOTS = 65_536;

export interface KnownSecrets {
  /** Counts one more holder of the value. Returns what to call when that holder is gone; absent for a value that is too short. */
  add(value: string): (() => void) | undefined;
  /** The text with `placeholder` for every known value, in every form that `formsOf` makes of it. */
  scrub(text: string, placeholder: string): string;
}

interface Known {
  readonly value: string;
  holders: number;
  /** Empty until somebody looks: most values are gone before that. */
  anchors: readonly string[];
}

export function createKnownSecrets(): KnownSecrets {
  const all = new Map<string, Known>();
  /** Not indexed yet. */
  const fresh = new Set<Known>();
  const index = createIndex();

  function forget(known: Known): void {
    known.holders -= 1;
    if (known.holders > 0) return;
    all.delete(known.value);
    if (!fresh.delete(known)) index.remove(known);
  }

  return {
    add(value) {
      if (value.length < VALUE_LENGTH_MIN) return undefined;
      const known = all.get(value) ?? { value, holders: 0, anchors: [] };
      if (known.holders === 0) {
        all.set(value, known);
        fresh.add(known);
      }
      known.holders += 1;
      return () => forget(known);
    },
    scrub(text, placeholder) {
      if (text.length < VALUE_LENGTH_MIN) return text;
      for (const known of fresh) index.add(known);
      fresh.clear();
      let clean = text;
      // A value that contains another goes first, so that no part of it is left.
      const found = [...index.suspectsIn(text)].toSorted(
        (one, other) => other.value.length - one.value.length,
      );
      for (const form of found.flatMap(({ value }) => formsOf(value))) {
        clean = clean.replaceAll(form, () => placeholder);
      }
      return clean;
    },
  };
}

interface Index {
  add(known: Known): void;
  remove(known: Known): void;
  /** Those of which the end of a form stands in the text. */
  suspectsIn(text: string): ReadonlySet<Known>;
}

function createIndex(): Index {
  const byAnchor = new Map<string, Set<Known>>();
  const filter = new Uint32Array(FILTER_SLOTS);
  return {
    add(known) {
      known.anchors = [...new Set(formsOf(known.value).map((form) => form.slice(-ANCHOR_LENGTH)))];
      for (const anchor of known.anchors) {
        byAnchor.set(anchor, (byAnchor.get(anchor) ?? new Set()).add(known));
        count(filter, anchor, 1);
      }
    },
    remove(known) {
      for (const anchor of known.anchors) {
        const sharing = byAnchor.get(anchor);
        sharing?.delete(known);
        if (sharing?.size === 0) byAnchor.delete(anchor);
        count(filter, anchor, -1);
      }
    },
    suspectsIn(text) {
      const suspects = new Set<Known>();
      let trace = 0;
      for (let end = 0; end < text.length; end++) {
        trace = next(trace, text.charCodeAt(end));
        if (filter[slotOf(trace)] === 0 || end + 1 < ANCHOR_LENGTH) continue;
        const found = byAnchor.get(text.slice(end + 1 - ANCHOR_LENGTH, end + 1));
        for (const known of found ?? []) suspects.add(known);
      }
      return suspects;
    },
  };
}

/** A number that the last five characters of what was read decide. */
function next(trace: number, character: number): number {
  return (trace << 7) ^ character;
}

function slotOf(trace: number): number {
  return Math.imul(trace, 0x9e_37_79_b1) >>> 16;
}

function count(filter: Uint32Array, anchor: string, by: 1 | -1): void {
  let trace = 0;
  for (let at = 0; at < anchor.length; at++) trace = next(trace, anchor.charCodeAt(at));
  const slot = slotOf(trace);
  filter[slot] = (filter[slot] ?? 0) + by;
}

/**
 * The ways in which a value may turn up: plain, within a JSON string, URL-encoded, or in base64, also where it is only a part of
 * what was encoded.
 */
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
