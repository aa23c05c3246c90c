// Who may import whom: the direction of imports between the folders of src/, and which package belongs to which folder.

import { lineAt, resolve } from './source.ts';
import type { Problem, Source } from './source.ts';

/** What a room needs of the machine that reaches servers by itself. */
const CONNECTING = [
  'system/dispatcher.ts',
  'system/network-error.ts',
  'system/raced.ts',
  'system/trusted-file.ts',
];

/**
 * Each room of src/ and the rooms that it may import, itself aside. Imports point inward: from what starts the program
 * to what it is about.
 */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  main: ['cli', 'app', 'system', 'ports', 'domain'],
  cli: ['app', 'emulators', 'config', 'telemetry', 'http', 'ports', 'domain'],
  app: [
    'config',
    'telemetry',
    'http',
    'engine',
    'providers',
    'stores',
    'consumers',
    'kubernetes',
    'journal',
    'formats',
    'system',
    'ports',
    'domain',
  ],
  clients: ['providers', 'system', 'ports', 'domain'],
  config: [
    'providers/registry.ts',
    'stores/registry.ts',
    'consumers/registry.ts',
    'formats/registry.ts',
    'system/file-guard.ts',
    'system/thread.ts',
    'ports',
    'domain',
  ],
  telemetry: ['ports', 'domain'],
  http: ['ports', 'domain'],
  engine: ['ports', 'domain'],
  providers: ['system/dispatcher.ts', 'system/exchange.ts', 'system/file-guard.ts', 'ports', 'domain'],
  stores: [
    'kubernetes',
    'system/dispatcher.ts',
    'system/exchange.ts',
    'system/file-guard.ts',
    'system/mounts.ts',
    'system/network-error.ts',
    'system/raced.ts',
    'system/turns.ts',
    'ports',
    'domain',
  ],
  consumers: ['kubernetes', ...CONNECTING, 'ports', 'domain'],
  kubernetes: [...CONNECTING, 'ports', 'domain'],
  journal: ['system/file-guard.ts', 'system/mounts.ts', 'system/thread.ts', 'ports', 'domain'],
  formats: ['ports', 'domain'],
  emulators: ['ports', 'domain'],
  system: ['ports', 'domain'],
  ports: ['domain'],
  domain: [],
};

/** Rooms whose folders are kinds of the same thing. A kind knows nothing of the others: only the registry does. */
const ROOMS_OF_KINDS = ['providers', 'stores', 'consumers', 'emulators'];

/** Folders in such a room that are no kind: what several kinds share. They know no kind either. */
const SHARED_FOLDERS = ['src/providers/http/'];

/** Each package and the places that may import it. A package without a row may be imported nowhere in src/. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  '@aws-sdk/*': ['src/stores/aws-secrets-manager/'],
  commander: ['src/cli/'],
  croner: ['src/domain/schedule.ts'],
  'fastest-levenshtein': ['src/config/'],
  fastify: ['src/http/', 'src/emulators/'],
  'fastify-type-provider-zod': ['src/http/', 'src/emulators/'],
  jose: ['src/providers/', 'src/emulators/'],
  'js-yaml': ['src/config/', 'src/kubernetes/'],
  kysely: ['src/journal/'],
  pino: ['src/telemetry/'],
  'pino-pretty': ['src/telemetry/'],
  'prom-client': ['src/telemetry/'],
  undici: ['src/providers/', 'src/system/dispatcher.ts', 'src/system/exchange.ts', 'src/http/client'],
  zod: [
    'src/clients/',
    'src/config/',
    'src/providers/',
    'src/stores/',
    'src/consumers/',
    'src/kubernetes/',
    'src/formats/',
    'src/http/',
    'src/emulators/',
    'src/ports/settings.ts',
  ],
};

/** Parts of Node that belong to few. Those without a row may be imported everywhere but in domain/ and ports/. */
const NODE_PARTS: Readonly<Record<string, readonly string[]>> = {
  'node:console': ['src/main.ts'],
  'node:process': ['src/main.ts'],
  'node:sqlite': ['src/journal/'],
  'node:timers': ['src/system/clock.ts'],
  'node:timers/promises': ['src/system/clock.ts'],
};

/** The parts of Node that are calculation, and so may stand in domain/. */
const PURE_NODE_PARTS = ['node:crypto'];

/** What one side of a worker asks of `node:worker_threads`: only the file that is the worker may. */
const INSIDE_A_WORKER = ['parentPort', 'workerData', 'isMainThread', 'threadId'];

/** Imports of a source in src/ that point the wrong way, or take a package where it does not belong. */
export function importProblems(source: Source): Problem[] {
  if (!source.path.startsWith('src/')) return [];
  return source.imports.flatMap(({ specifier, names, offset }) => {
    const message = specifier.startsWith('.')
      ? directionProblem(source.path, resolve(source, specifier))
      : packageProblem(source.path, specifier, names);
    return message === undefined ? [] : [{ path: source.path, line: lineAt(source, offset), message }];
  });
}

function directionProblem(from: string, to: string): string | undefined {
  if (!to.startsWith('src/')) return `imports ${to}: what ships imports nothing outside src/`;
  const home = roomOf(from);
  const room = roomOf(to);
  const mayImport = ROOMS[home];
  if (mayImport === undefined)
    return `stands in ${home}/, which test/tidy/imports.ts gives no place: add a row there`;
  if (room === home) return kindProblem(home, from, to);
  const allowed = mayImport.some((each) => each === room || `src/${each}` === to);
  if (allowed) return undefined;
  const may = mayImport.length === 0 ? 'nothing but itself' : mayImport.join(', ');
  return `imports ${to}: ${home} may import ${may}. Take it as an argument through a port, or move it inward`;
}

function kindProblem(room: string, from: string, to: string): string | undefined {
  if (!ROOMS_OF_KINDS.includes(room)) return undefined;
  const own = kindOf(from);
  const other = kindOf(to);
  const isFine = own === other || other === undefined || from === `src/${room}/registry.ts`;
  return isFine
    ? undefined
    : `imports ${to}: ${room} know nothing of one another. Put what both need into src/${room}/`;
}

/** `src/stores/file/store.ts` is in the room `stores`, `src/app.ts` in `app`. */
function roomOf(path: string): string {
  return path.split('/')[1]?.replace(/\.ts$/, '') ?? '';
}

/** `src/stores/file/store.ts` is of the kind `file`; what stands in the room itself, or in a shared folder, belongs to all. */
function kindOf(path: string): string | undefined {
  if (isAt(path, SHARED_FOLDERS)) return undefined;
  const parts = path.split('/');
  return parts.length > 3 ? parts[2] : undefined;
}

function packageProblem(path: string, specifier: string, names: readonly string[]): string | undefined {
  if (specifier.startsWith('node:')) return nodeProblem(path, specifier, names);
  const name = packageOf(specifier);
  const homes = PACKAGES[name] ?? PACKAGES[`${name.split('/')[0]}/*`];
  if (homes === undefined)
    return `imports ${name}: decide where it belongs, and add a row to test/tidy/imports.ts`;
  if (isAt(path, homes)) return undefined;
  return `imports ${name}, which belongs to ${homes.join(', ')}: ask that part for what you need`;
}

function nodeProblem(path: string, specifier: string, names: readonly string[]): string | undefined {
  if (isAt(path, ['src/domain/', 'src/ports/']) && !PURE_NODE_PARTS.includes(specifier)) {
    return `imports ${specifier}: domain/ and ports/ are pure. Take what you need as an argument`;
  }
  const homes = NODE_PARTS[specifier];
  if (homes !== undefined && !isAt(path, homes)) {
    return `imports ${specifier}, which belongs to ${homes.join(', ')}: take what you need through a port`;
  }
  const inside =
    specifier === 'node:worker_threads' ? names.find((name) => INSIDE_A_WORKER.includes(name)) : undefined;
  if (inside !== undefined && !path.endsWith('worker.ts')) {
    return `imports ${inside}: only a worker may, and its file's name ends in worker.ts`;
  }
  return undefined;
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function isAt(path: string, places: readonly string[]): boolean {
  return places.some((place) => path.startsWith(place));
}
