/** The JSON Schema of the main file, made from the same schemas that check it. For editors. */
import { z } from 'zod';
import { formatDuration } from '../domain/duration.ts';
import type { JsonObject } from '../domain/target.ts';
import { CONSUMERS } from '../consumers/registry.ts';
import { FORMATS } from '../formats/registry.ts';
import { PROVIDERS } from '../providers/registry.ts';
import { STORES } from '../stores/registry.ts';
import { mainSchema } from './schema.ts';

type JsonSchema = z.core.JSONSchema.JSONSchema;

/** Anything that has a kind and a schema of its own. */
interface Kind {
  readonly kind: string;
  readonly schema: z.ZodType;
}

/** As JSON: stable from one call to the next. */
export function configJsonSchema(): JsonObject {
  const base = toJson(mainSchema);
  const properties = { ...base.properties };
  properties['providers'] = withKinds(properties['providers'], PROVIDERS);
  properties['stores'] = withKinds(properties['stores'], STORES);
  properties['consumers'] = { ...withKinds(properties['consumers'], CONSUMERS), minProperties: 0 };
  const accounts = withTargets(properties['accounts']);
  properties['accounts'] = accounts;
  properties['accountsFrom'] = withTemplates(properties['accountsFrom'], accounts);
  const schema: JsonSchema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    ...base,
    title: 'rekeyd configuration',
    description: 'The main file of a rekeyd configuration.',
    properties,
  };
  return JSON.parse(JSON.stringify(schema)) as JsonObject;
}

function withKinds(map: JsonSchemaOrBoolean, kinds: readonly Kind[]): JsonSchema {
  return { ...objectOf(map), minProperties: 1, additionalProperties: { anyOf: kinds.map(kindSchema) } };
}

function kindSchema({ kind, schema }: Kind): JsonSchema {
  const json = toJson(schema);
  return {
    ...json,
    properties: { kind: { const: kind }, ...json.properties },
    required: ['kind', ...(json.required ?? [])],
  };
}

/** A target may say what its store's kind knows: which that is, an editor cannot see, so all are offered. */
function withTargets(accounts: JsonSchemaOrBoolean): JsonSchema {
  const list = objectOf(accounts);
  const account = objectOf(list.items as JsonSchemaOrBoolean);
  const targets = objectOf(account.properties?.['targets']);
  const common = objectOf(targets.items as JsonSchemaOrBoolean);
  const options = Object.assign(
    {},
    ...STORES.map((store) => toJson(store.targetSchema).properties ?? {}),
  ) as NonNullable<JsonSchema['properties']>;
  const format: JsonSchema = {
    ...objectOf(common.properties?.['format']),
    anyOf: [{ enum: FORMATS.map(({ kind }) => kind) }, ...FORMATS.map(kindSchema)],
  };
  const target: JsonSchema = {
    ...common,
    properties: { ...options, ...common.properties, format },
    additionalProperties: false,
  };
  const items = { ...account, properties: { ...account.properties, targets: { ...targets, items: target } } };
  return { ...list, items };
}

/** A template's targets are those of an account. */
function withTemplates(accountsFrom: JsonSchemaOrBoolean, accounts: JsonSchema): JsonSchema {
  const { targets } = objectOf(accounts.items as JsonSchemaOrBoolean).properties ?? {};
  const withTarget = (from: JsonSchema): JsonSchema => {
    const template = objectOf(from.properties?.['template']);
    const properties = { ...template.properties, ...(targets !== undefined && { targets }) };
    return { ...from, properties: { ...from.properties, template: { ...template, properties } } };
  };
  const union = objectOf(accountsFrom);
  const anyOf = (union.anyOf ?? []).map((one) => {
    const branch = objectOf(one);
    return branch.type === 'array'
      ? { ...branch, items: withTarget(objectOf(branch.items as JsonSchemaOrBoolean)) }
      : withTarget(branch);
  });
  return { ...union, anyOf };
}

type JsonSchemaOrBoolean = JsonSchema | boolean | undefined;

function objectOf(schema: JsonSchemaOrBoolean): JsonSchema {
  return typeof schema === 'object' ? schema : {};
}

function toJson(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => writtenDefault(jsonSchema),
  });
  return json;
}

/** A duration's default is in ms there, and in words where a person writes it. */
function writtenDefault(json: z.core.JSONSchema.BaseSchema): void {
  if (json.type === 'string' && typeof json.default === 'number') json.default = formatDuration(json.default);
}
