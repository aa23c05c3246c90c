/** The real formats, made once. */
import type { Target } from '../../src/domain/target.ts';
import { formatEntry } from '../../src/formats/registry.ts';
import type { Format } from '../../src/ports/format.ts';

const made = new Map<string, Format>();

export function formatOf({ format }: Pick<Target, 'format'>): Format {
  const key = JSON.stringify(format);
  const known = made.get(key);
  if (known !== undefined) return known;
  const entry = formatEntry(format.kind);
  if (entry === undefined) throw new Error(`there is no format ${format.kind}`);
  const created = entry.create(entry.schema.parse(format.options));
  made.set(key, created);
  return created;
}
