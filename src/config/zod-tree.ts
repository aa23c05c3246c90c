/** Walks zod schemas: which part of one speaks of a value, and what keys are allowed there. */
import { z } from 'zod';
import type { Path } from './problem.ts';

type Schema = z.core.$ZodType;
type Definition = z.core.$ZodTypes['_zod']['def'];

/** The schema of the value at a path; `undefined` where the path leaves it or it branches. */
export function schemaAt(schema: Schema, path: Path): Schema | undefined {
  let here: Schema | undefined = schema;
  for (const segment of path) {
    if (here === undefined) return undefined;
    const def: Definition = defOf(bareOf(here));
    if (def.type === 'object') here = def.shape[String(segment)] ?? def.catchall;
    else if (def.type === 'record') here = def.valueType;
    else if (def.type === 'array') here = def.element;
    else return undefined;
  }
  return here;
}

/** The keys that are allowed at a path; none where that is not known. */
export function keysAt(schema: Schema, path: Path): string[] {
  const here = schemaAt(schema, path);
  const def = here === undefined ? undefined : defOf(bareOf(here));
  return def?.type === 'object' ? Object.keys(def.shape) : [];
}

/** The branches of a union. */
export function optionsOf(schema: Schema): readonly Schema[] {
  const def = defOf(bareOf(schema));
  return def.type === 'union' ? def.options : [];
}

/** What the schema, or what it wraps, says of itself. */
export function descriptionOf(schema: Schema): string | undefined {
  const own = z.globalRegistry.get(schema)?.description;
  if (own !== undefined) return own;
  const inner = innerOf(schema);
  return inner === undefined ? undefined : descriptionOf(inner);
}

/** Without what only says that a value may be absent, has a default or becomes something else. */
function bareOf(schema: Schema): Schema {
  const inner = innerOf(schema);
  return inner === undefined ? schema : bareOf(inner);
}

function innerOf(schema: Schema): Schema | undefined {
  const def = defOf(schema);
  if ('innerType' in def) return def.innerType;
  if (def.type === 'pipe') return def.in;
  return def.type === 'lazy' ? def.getter() : undefined;
}

function defOf(schema: Schema): Definition {
  return (schema as z.core.$ZodTypes)._zod.def;
}
