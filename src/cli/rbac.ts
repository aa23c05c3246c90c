/** `rekeyd rbac`: the Role and RoleBinding that rekeyd needs in each namespace, made from the configuration. Changes nothing. */
import { clusterConnections, clusterRights } from '../app/rbac.ts';
import type { ClusterConnection, ClusterRights, RbacObject, Subject } from '../app/rbac.ts';
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
  /** Only this store, and only this connection to consumers. */
  readonly store?: string;
  readonly consumers?: string;
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
  const rights = clusterRights(chosen(clusterConnections(config), options, path), accounts, {
    subject,
    name,
  });
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

function chosen<Known extends ClusterConnection>(
  known: readonly Known[],
  { store, consumers }: Pick<RbacCommandOptions, 'store' | 'consumers'>,
  path: string,
): readonly Known[] {
  if (known.length === 0) {
    throw new CommandError(
      `the configuration ${path} has no store of kind kubernetes-secret, and no consumers of kind kubernetes: no rights are needed`,
    );
  }
  if (store === undefined && consumers === undefined) return known;
  const wanted = { stores: store, consumers };
  const missing = (['stores', 'consumers'] as const).find(
    (of) => wanted[of] !== undefined && !known.some((one) => one.of === of && one.name === wanted[of]),
  );
  if (missing === undefined) return known.filter(({ of, name }) => wanted[of] === name);
  const names = known.filter(({ of }) => of === missing).map(({ name }) => name);
  const has = names.length === 0 ? 'none' : names.join(', ');
  const { option, what } = WORDS_OF[missing];
  const wrong = what(JSON.stringify(wanted[missing]));
  throw new CommandError(`${option}: the configuration ${path} has no ${wrong}; it has ${has}`);
}

const WORDS_OF = {
  stores: { option: '--store', what: (name: string) => `store ${name} of kind kubernetes-secret` },
  consumers: {
    option: '--consumers',
    what: (name: string) => `connection ${name} to consumers of kind kubernetes`,
  },
} as const;

/** One object, as kubectl takes it. */
function asList(rights: readonly ClusterRights[]): string {
  const items = rights.flatMap(({ objects }) => objects);
  return `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, null, 2)}\n`;
}

function asYaml(rights: readonly ClusterRights[], path: string): string {
  const documents = rights.flatMap(({ connections, objects }) => [
    `# What rekeyd needs for ${connections.map(named).join(' and ')} of ${path}.\n`,
    ...objects.map((object) => `---\n${yamlOf(object)}`),
    ...(objects.length === 0 ? ['# No account names anything there.\n'] : []),
  ]);
  return documents.join('');
}

function named({ of, name }: ClusterConnection): string {
  return of === 'stores' ? `the store ${name}` : `the consumers of ${name}`;
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
