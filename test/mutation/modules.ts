// Loads a test file and all that it imports anew, as often as one likes: each time under another query, which everything
// that it imports from the same folder gets as well. So no mutant finds what another one left in a cache.

import { readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const COLLECTOR = new URL('collector.ts', import.meta.url).href;
const FEW_RUNS = new URL('few-runs.ts', import.meta.url).href;

export interface Modules {
  /** Imports this file of the folder under a query of its own. */
  readonly load: (file: string) => Promise<void>;
  /** Whether `file`, once loaded, imports `other`, itself or through others. */
  readonly reaches: (file: string, other: string) => boolean;
}

/** Takes over the imports of all that lies in this folder; the rest is imported as ever. */
export function modulesIn(folder: string): Modules {
  const base = pathToFileURL(`${folder}/`).href;
  const isOurs = (url: string) => url.startsWith(base) && !url.includes('/node_modules/');
  const sources = new Map<string, string>();
  const imports = new Map<string, Set<string>>();
  registerHooks({
    resolve(specifier, context, next) {
      const parent = context.parentURL;
      if (parent === undefined || !isOurs(parent)) return next(specifier, context);
      if (specifier === 'vitest') return { url: COLLECTOR, shortCircuit: true };
      if (specifier === 'fast-check') return { url: FEW_RUNS, shortCircuit: true };
      if (!specifier.startsWith('.')) return next(specifier, context);
      const url = new URL(specifier, parent);
      const from = fileURLToPath(parent);
      imports.set(from, (imports.get(from) ?? new Set()).add(fileURLToPath(url)));
      return { url: url.href + new URL(parent).search, format: 'module', shortCircuit: true };
    },
    load(url, context, next) {
      if (!isOurs(url)) return next(url, context);
      const path = fileURLToPath(url);
      const source = sources.get(path) ?? stripTypeScriptTypes(readFileSync(path, 'utf8'));
      sources.set(path, source);
      return { format: 'module', source, shortCircuit: true };
    },
  });
  let loads = 0;
  return {
    load: async (file) => {
      loads += 1;
      await import(`${pathToFileURL(file).href}?${loads}`);
    },
    reaches: (file, other) => {
      const seen = new Set([file]);
      for (const path of seen) for (const imported of imports.get(path) ?? []) seen.add(imported);
      return seen.has(other);
    },
  };
}
