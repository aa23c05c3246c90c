/**
 * Statements: SQL written once with kysely's builder, compiled once for each dialect and shape of parameters, then
 * run with values. Compiling costs more than running, so nothing is compiled twice. Opens no database.
 */
import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type Compilable,
} from 'kysely';
import type { Schema } from './schema.ts';

export type Dialect = 'sqlite' | 'postgres';
export type Value = string | number | null;
export interface Prepared {
  readonly sql: string;
  readonly values: readonly Value[];
}

/**
 * `In` is what it is given, by name: values, lists of values for `in`, a row, or rows to insert. `Out` is the type of the
 * rows it answers with.
 */
export interface Statement<In extends object, Out> {
  prepare(dialect: Dialect, given: In): Prepared;
  /** Carries the type only. */
  readonly out?: Out;
}

/** Where statements are run: one transaction of one connection. */
export interface Session {
  all<In extends object, Out>(statement: Statement<In, Out>, given: In): Promise<readonly Out[]>;
  /** Runs a change of the schema, once. */
  run(change: Compilable): Promise<void>;
}

/**
 * A statement from what builds it. `given` stands for the values: each is a parameter, whatever it will be. A value that
 * is `undefined` may be tested for in the builder (the statement then has one shape with and one without it).
 */
export function statement<In extends object, Out>(
  build: (db: Kysely<Schema>, given: In) => Compilable<Out>,
): Statement<In, Out> {
  const shapes = new Map<string, Shape>();
  return {
    prepare: (dialect, given) => {
      const key = shapeOf(dialect, given);
      let shape = shapes.get(key);
      if (shape === undefined) {
        shape = compile(build, dialect, given);
        shapes.set(key, shape);
      }
      return { sql: shape.sql, values: shape.values.map((value) => valueOf(value, given)) };
    },
  };
}

/** Lengthens a list for `in` to the next power of two by repeating its last value: few shapes for all lengths. */
export function padded<T extends Value>(list: readonly T[]): readonly T[] {
  const last = list.at(-1);
  if (last === undefined) return list;
  const length = 2 ** Math.ceil(Math.log2(list.length));
  return [...list, ...Array.from({ length: length - list.length }, () => last)];
}

/** Rows in one insert: few shapes, and few enough values for the limits of both dialects. */
const INSERT_ROWS_MAX = 64;

/** Cuts rows into what one insert takes. */
export function chunks<T>(rows: readonly T[]): readonly (readonly T[])[] {
  const made: T[][] = [];
  for (let start = 0; start < rows.length; start += INSERT_ROWS_MAX) {
    made.push(rows.slice(start, start + INSERT_ROWS_MAX));
  }
  return made;
}

/** Stands for a value while a statement is compiled: where in what is given it will be found. */
class Placeholder {
  readonly path: readonly (string | number)[];

  constructor(path: readonly (string | number)[]) {
    this.path = path;
  }
}

interface Shape {
  readonly sql: string;
  readonly values: readonly (Value | Placeholder)[];
}

const COMPILERS: Record<Dialect, Kysely<Schema>> = {
  sqlite: new Kysely<Schema>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  }),
  postgres: new Kysely<Schema>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  }),
};

/** The builder of schemas, for migrations. */
export function compilerOf(dialect: Dialect): Kysely<Schema> {
  return COMPILERS[dialect];
}

function compile<In extends object, Out>(
  build: (db: Kysely<Schema>, given: In) => Compilable<Out>,
  dialect: Dialect,
  given: In,
): Shape {
  const placeholders = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, placeholderFor(value, [name])]),
  );
  const { sql, parameters } = build(COMPILERS[dialect], placeholders as unknown as In).compile();
  return { sql, values: parameters as readonly (Value | Placeholder)[] };
}

function placeholderFor(value: unknown, path: readonly (string | number)[]): unknown {
  if (value === undefined) return undefined;
  if (Array.isArray(value)) return value.map((item, index) => placeholderFor(item, [...path, index]));
  if (value === null || typeof value !== 'object') return new Placeholder(path);
  return Object.fromEntries(Object.keys(value).map((name) => [name, new Placeholder([...path, name])]));
}

/** Two givens of the same shape make the same SQL. Rows of one list have the same columns. */
function shapeOf(dialect: Dialect, given: object): string {
  let key: string = dialect;
  for (const value of Object.values(given)) {
    if (value === undefined) key += ',-';
    else key += Array.isArray(value) ? `,${value.length}` : ',';
  }
  return key;
}

function valueOf(value: Value | Placeholder, given: object): Value {
  if (!(value instanceof Placeholder)) return value;
  let found: unknown = given;
  for (const step of value.path) found = (found as Record<string | number, unknown>)[step];
  return (found ?? null) as Value;
}
