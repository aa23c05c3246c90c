/** The real formats, made once. */
import type { Target } from '../../src/domain/target.ts';
import { formatEntry } from '../../src/formats/registry.ts';
import type { Format } from '../../src/ports/format.ts';

const made = new Map<string, Format>();
const ofTarget = new WeakMap<Target['format'], Format>();

export function formatOf({ format }: Pick<Target, 'format'>): Format {
  const known = ofTarget.get(format) ?? make(format);
  ofTarget.set(format, known);
  return known;
}

function make(format: Target['format']): Format {
  const key = JSON.stringify(format);
  const known = made.get(key);
  if (known !== undefined) return known;
  const entry = formatEntry(format.kind);
  if (entry === undefined) throw new Error(`there is no format ${format.kind}`);
  const created = entry.create(entry.schema.parse(format.options));
  made.set(key, created);
  return created;
}

/** The object that a document is; an empty one where it is empty, and nothing where it is something else. */
export function objectIn(document: string): Readonly<Record<string, unknown>> | undefined {
  if (document.trim() === '') return {};
  try {
    const parsed: unknown = JSON.parse(document);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? { ...parsed }
      : undefined;
  } catch {
    return undefined;
  }
}
