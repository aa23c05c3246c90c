/** Checks answers against an OpenAPI 3.0 document: only the words that such documents use here, all others throw. */

type Json = Readonly<Record<string, unknown>>;

export interface OpenApi {
  /** Every declared answer, as `GET /account 200`. */
  readonly answers: readonly string[];
  /** What does not fit the declared answer, each with its path in the body; one entry where none is declared. */
  problems(answer: string, body: unknown): readonly string[];
}

/** Words that say nothing about what fits. */
const REMARKS = ['title', 'description', 'example', 'default', 'x-additionalPropertiesName'];

export function readOpenApi(document: unknown): OpenApi {
  const schemas = new Map<string, Json>();
  for (const [path, methods] of Object.entries(at(document, 'paths'))) {
    for (const [method, operation] of Object.entries(methods as Json)) {
      for (const [status, answer] of Object.entries(at(operation, 'responses'))) {
        const schema = at(answer, 'content', 'application/json', 'schema');
        schemas.set(`${method.toUpperCase()} ${path} ${status}`, schema);
      }
    }
  }
  return {
    answers: [...schemas.keys()],
    problems(answer, body) {
      const schema = schemas.get(answer);
      return schema === undefined ? [`${answer} is not declared`] : check(schema, body, 'body');
    },
  };

  function check(schema: Json, value: unknown, path: string): string[] {
    const { $ref: reference, ...words } = schema;
    if (typeof reference === 'string') {
      return check(at(document, ...reference.split('/').slice(1)), value, path);
    }
    return Object.entries(words).flatMap(([word, said]) => checkWord(words, word, said, { value, path }));
  }

  function checkWord(
    schema: Json,
    word: string,
    said: unknown,
    of: { value: unknown; path: string },
  ): string[] {
    const { value, path } = of;
    if (REMARKS.includes(word)) return [];
    switch (word) {
      case 'type':
        return fits(isOfType(said, value), `${path} is no ${String(said)}`);
      case 'enum':
        return fits((said as unknown[]).includes(value), `${path} is none of ${String(said)}`);
      case 'minimum':
        return fits(typeof value !== 'number' || value >= Number(said), `${path} is below ${Number(said)}`);
      case 'maximum':
        return fits(typeof value !== 'number' || value <= Number(said), `${path} is above ${Number(said)}`);
      case 'minLength':
        return fits(typeof value !== 'string' || value.length >= Number(said), `${path} is too short`);
      case 'maxLength':
        return fits(typeof value !== 'string' || value.length <= Number(said), `${path} is too long`);
      case 'required':
        return (said as string[]).flatMap((name) =>
          fits(hasField(value, name), `${path}.${name} is missing`),
        );
      case 'items':
        if (!Array.isArray(value)) return [];
        return value.flatMap((item, index) => check(said as Json, item, `${path}[${index}]`));
      case 'properties':
      case 'additionalProperties':
        return checkFields(schema, word, of);
      default:
        throw new Error(`the word ${word} in an OpenAPI document cannot be checked`);
    }
  }

  function checkFields(
    schema: Json,
    word: string,
    { value, path }: { value: unknown; path: string },
  ): string[] {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
    const declared = (schema['properties'] ?? {}) as Json;
    const rest = schema['additionalProperties'] as Json | undefined;
    return Object.entries(value).flatMap(([name, field]) => {
      const own = declared[name] as Json | undefined;
      if (word === 'properties') {
        // A document that names fields means these and no others, though the standard does not say so.
        if (own === undefined) return fits(rest !== undefined, `${path}.${name} is not declared`);
        return check(own, field, `${path}.${name}`);
      }
      return own === undefined && rest !== undefined ? check(rest, field, `${path}.${name}`) : [];
    });
  }
}

function at(value: unknown, ...names: readonly string[]): Json {
  let found = value;
  for (const name of names) found = (found as Json)[name];
  if (typeof found !== 'object' || found === null) throw new Error(`there is no ${names.join('.')}`);
  return found as Json;
}

function isOfType(type: unknown, value: unknown): boolean {
  switch (type) {
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

function hasField(value: unknown, name: string): boolean {
  return typeof value === 'object' && value !== null && name in value;
}

function fits(holds: boolean, problem: string): string[] {
  return holds ? [] : [problem];
}
