// Stands in for Vitest's `describe` and `it` while mutants are tried: it only collects the tests of a file, so that they can
// be run one by one in the process that tries the mutants. What they expect is checked by Vitest's own `expect`.

export { expect } from 'vitest';

export interface CollectedTest {
  /** Names its file, what it stands in, and itself; no two are the same. */
  readonly id: string;
  readonly run: () => unknown;
}

type Body = (...values: never[]) => unknown;

let collected: CollectedTest[] = [];
let path: string[] = [];

/** The tests that are defined while `load` runs. */
export async function collect(file: string, load: () => Promise<unknown>): Promise<readonly CollectedTest[]> {
  collected = [];
  path = [file];
  await load();
  return collected;
}

export function describe(name: string, body: () => void): void {
  path.push(name);
  body();
  path.pop();
}

export function it(name: string, body: Body): void {
  collected.push({ id: `${[...path, name].join(' > ')} (${collected.length})`, run: () => body() });
}

it.each =
  (rows: readonly unknown[]) =>
  (name: string, body: Body): void => {
    for (const row of rows) it(name, () => body(...((Array.isArray(row) ? row : [row]) as never[])));
  };
