/** `rekeyd rbac`: the Role and RoleBinding that rekeyd needs in each namespace, made from the configuration. Changes nothing. */
import { storeRights } from '../app/rbac.ts';
import type { RbacObject, StoreRights, Subject } from '../app/rbac.ts';
import { EXIT } from '../ports/host.ts';
import type { Host } from '../ports/host.ts';
import { accountsOf } from './accounts-of.ts';
import { CommandError } from './explain.ts';
import { goodConfig } from './good-config.ts';
import { configPath } from './places.ts';
import { untilSignal } from './progress.ts';

export interface RbacCommandOptions {
  readonly config?: string;
  readonly socket?: string;
  readonly output: 'yaml' | 'json';
  /** Only this store. */
  readonly store?: string;
  /** `NAMESPACE/NAME`. */
  readonly serviceAccount: string;
}

const NAME = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;

export async function rbac(host: Host, options: RbacCommandOptions): Promise<number> {
  const subject = subjectOf(options.serviceAccount);
  const path = configPath(host, options);
  const { config: loaded } = await untilSignal(host, (signal) =>
    goodConfig(host, options, { path, signal, undone: 'nothing was printed' }),
  );
  await using config = loaded;
  const { installation } = config.settings;
  const name = installation === 'rekeyd' ? installation : `rekeyd-${installation}`;
  const accounts = await accountsOf(config);
  const rights = chosen(storeRights({ stores: config.stores, accounts }, subject, name), options.store, path);
  host.output.write(options.output === 'json' ? asList(rights) : asYaml(rights, path));
  return EXIT.ok;
}

function subjectOf(words: string): Subject {
  const [namespace = '', name = '', ...more] = words.split('/');
  if (more.length === 0 && NAME.test(namespace) && NAME.test(name)) return { namespace, name };
  throw new CommandError(
    `--service-account: found ${JSON.stringify(words)}; allowed: NAMESPACE/NAME, such as rekeyd/rekeyd`,
  );
}

function chosen(
  rights: readonly StoreRights[],
  store: string | undefined,
  path: string,
): readonly StoreRights[] {
  const known = rights.map((each) => each.store).join(', ');
  if (rights.length === 0) {
    throw new CommandError(
      `the configuration ${path} has no store of kind kubernetes-secret: no rights are needed`,
    );
  }
  const some = store === undefined ? rights : rights.filter((each) => each.store === store);
  if (some.length > 0) return some;
  throw new CommandError(
    `--store: the configuration ${path} has no store ${JSON.stringify(store)} of kind kubernetes-secret; it has ${known}`,
  );
}

/** One object, as kubectl takes it. */
function asList(rights: readonly StoreRights[]): string {
  const items = rights.flatMap(({ objects }) => objects);
  return `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, null, 2)}\n`;
}

function asYaml(rights: readonly StoreRights[], path: string): string {
  const documents = rights.flatMap(({ store, objects }) => [
    `# What rekeyd needs for the store ${store} of ${path}.\n`,
    ...objects.map((object) => `---\n${yamlOf(object)}`),
    ...(objects.length === 0 ? ['# No target is in it.\n'] : []),
  ]);
  return documents.join('');
}

function yamlOf(object: RbacObject): string {
  return linesOf(object)
    .map((line) => `${line}\n`)
    .join('');
}

/** Texts stand in quotes, as JSON has them: so no reader takes a name for a number or a date. */
function linesOf(value: unknown): string[] {
  if (Array.isArray(value)) {
    if (value.every((each) => typeof each === 'string')) return [`[${value.map(quoted).join(', ')}]`];
    return value.flatMap((each) =>
      linesOf(each).map((line, index) => (index === 0 ? `- ${line}` : `  ${line}`)),
    );
  }
  if (typeof value !== 'object' || value === null) return [quoted(value)];
  return Object.entries(value).flatMap(([key, inner]) => {
    const lines = linesOf(inner);
    const [first = ''] = lines;
    const isFlat =
      lines.length === 1 && !first.startsWith('- ') && (typeof inner !== 'object' || Array.isArray(inner));
    return isFlat ? [`${key}: ${first}`] : [`${key}:`, ...lines.map((line) => `  ${line}`)];
  });
}

const PLAIN = /^[A-Za-z][A-Za-z0-9./-]*$/;
/** Words that YAML takes for something else. */
const WORDS = new Set(['true', 'false', 'null', 'yes', 'no', 'on', 'off', 'y', 'n']);

function quoted(value: unknown): string {
  const text = String(value);
  return PLAIN.test(text) && !WORDS.has(text.toLowerCase()) ? text : JSON.stringify(text);
}
