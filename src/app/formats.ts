/** The format of a target, made once for each distinct policy. */
import type { FormatPolicy, Target } from '../domain/target.ts';
import { formatEntry } from '../formats/registry.ts';
import type { Format } from '../ports/format.ts';

/** Distinct format policies that are remembered; a fleet has a handful. */
const REMEMBERED_MAX = 256;

export function formatFactory(): (target: Target) => Format {
  const formats = new Map<string, Format>();
  return ({ format }) => {
    const key = `${format.kind} ${JSON.stringify(format.options)}`;
    const known = formats.get(key);
    if (known !== undefined) return known;
    const made = createFormat(format);
    if (formats.size >= REMEMBERED_MAX) formats.clear();
    formats.set(key, made);
    return made;
  };
}

function createFormat({ kind, options }: FormatPolicy): Format {
  const entry = formatEntry(kind);
  if (entry === undefined) throw new Error(`no format of kind ${kind}`);
  return entry.create(entry.schema.parse(options));
}
