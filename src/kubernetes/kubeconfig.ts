/** Reads a kubeconfig: one cluster and one user of it, by its current context or another. */
import { dirname, resolve } from 'node:path';
import { load } from 'js-yaml';
import { z } from 'zod';
import { failed, succeeded } from '../domain/failure.ts';
import type { Result } from '../domain/failure.ts';
import { Secret } from '../domain/secret.ts';
import { impersonated } from './access.ts';
import type { TlsSettings } from '../system/dispatcher.ts';
import type { Access, AccessSource } from './access.ts';
import type { ClusterConfig, OpenCluster } from './cluster-config.ts';
import { execCommand, execCredential, execSchema } from './exec-credential.ts';
import type { ExecCredential } from './exec-credential.ts';
import { pemFile, trustedFile } from '../system/trusted-file.ts';

const text = z.string().min(1);
const name = text;

const clusterSchema = z.object({
  server: text,
  'certificate-authority': text.optional(),
  'certificate-authority-data': text.optional(),
  'insecure-skip-tls-verify': z.boolean().optional(),
  'tls-server-name': text.optional(),
  'proxy-url': text.optional(),
});

const userSchema = z.object({
  token: text.optional(),
  tokenFile: text.optional(),
  'client-certificate': text.optional(),
  'client-certificate-data': text.optional(),
  'client-key': text.optional(),
  'client-key-data': text.optional(),
  username: text.optional(),
  'auth-provider': z.unknown().optional(),
  exec: execSchema.optional(),
  as: text.optional(),
  'as-groups': z.array(text).optional(),
});

const schema = z.object({
  'current-context': z.string().optional(),
  contexts: z.array(z.object({ name, context: z.object({ cluster: text, user: text }) })),
  clusters: z.array(z.object({ name, cluster: clusterSchema })),
  users: z.array(z.object({ name, user: userSchema.nullish() })),
});

type Cluster = z.output<typeof clusterSchema>;
type User = z.output<typeof userSchema>;

interface Chosen {
  readonly cluster: Cluster;
  readonly user: User;
}

/** The file is read at each use: what renews it writes it anew. Relative paths in it begin at its folder. */
export function kubeconfigAccess(options: OpenCluster, path: string): AccessSource {
  const { clock, environment, config } = options;
  let known: ExecCredential | undefined;
  const at = (file: string): string => resolve(dirname(path), file);

  async function fromExec(user: User, signal: AbortSignal): Promise<Result<ExecCredential | undefined>> {
    if (user.exec === undefined) return succeeded(undefined);
    if (known !== undefined && (known.renewAt ?? Number.POSITIVE_INFINITY) > clock.now())
      return succeeded(known);
    const made = await execCredential(execCommand(user.exec, dirname(path)), { environment, signal });
    if (made.ok) known = made.value;
    return made;
  }

  async function accessOf({ cluster, user }: Chosen, signal: AbortSignal): Promise<Result<Access>> {
    const ca = await pem(cluster['certificate-authority-data'], cluster['certificate-authority'], at);
    if (!ca.ok) return ca;
    const cert = await pem(user['client-certificate-data'], user['client-certificate'], at);
    if (!cert.ok) return cert;
    const key = await pem(user['client-key-data'], user['client-key'], at);
    if (!key.ok) return key;
    const made = await fromExec(user, signal);
    if (!made.ok) return made;
    const token = await tokenOf(options, user, at);
    if (!token.ok) return token;
    const secret = made.value?.token ?? token.value;
    const tls: Readonly<Record<keyof TlsSettings, string | undefined>> = {
      ca: ca.value,
      cert: made.value?.cert ?? cert.value,
      key: made.value?.key?.reveal() ?? key.value,
      servername: cluster['tls-server-name'],
    };
    const as = user.as === undefined ? undefined : { user: user.as, groups: user['as-groups'] ?? [] };
    return succeeded({
      server: cluster.server.replace(/\/+$/, ''),
      tls: Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined)),
      ...(secret !== undefined && { token: secret }),
      ...impersonated(config, as),
    });
  }

  return {
    async current(signal) {
      const file = await trustedFile(path, 'the settings');
      if (!file.ok) return file;
      const chosen = chosenIn(path, file.value, config);
      return chosen.ok ? accessOf(chosen.value, signal) : chosen;
    },
    forget() {
      known = undefined;
    },
  };
}

function chosenIn(path: string, file: string, config: ClusterConfig): Result<Chosen> {
  const parsed = parsedIn(file);
  if (parsed === undefined) return refused(path, 'it is no kubeconfig');
  const wanted = config.context ?? parsed['current-context'] ?? '';
  const context = parsed.contexts.find((each) => each.name === wanted)?.context;
  if (context === undefined) {
    const known = parsed.contexts.map((each) => each.name).join(', ');
    return refused(
      path,
      wanted === ''
        ? `it has no current context; give one of ${known}`
        : `it has no context ${wanted}; it has ${known}`,
    );
  }
  const cluster = parsed.clusters.find((each) => each.name === context.cluster)?.cluster;
  const user = parsed.users.find((each) => each.name === context.user)?.user ?? {};
  if (cluster === undefined) return refused(path, `it has no cluster ${context.cluster}`);
  const problem = unsupported(cluster, user, config);
  return problem === undefined ? succeeded({ cluster, user }) : refused(path, problem);
}

function parsedIn(file: string): z.output<typeof schema> | undefined {
  try {
    const parsed = schema.safeParse(load(file));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** What other programs take and this one does not, or takes only when told. */
function unsupported(cluster: Cluster, user: User, { insecure }: ClusterConfig): string | undefined {
  if (cluster['insecure-skip-tls-verify'] === true) {
    return 'it says insecure-skip-tls-verify, which would give the credentials to anybody; give certificate-authority instead';
  }
  if (!/^https?:$/.test(URL.parse(cluster.server)?.protocol ?? ''))
    return 'its server is no URL such as https://host:6443';
  if (cluster['proxy-url'] !== undefined) return 'it says proxy-url; set HTTPS_PROXY instead';
  if (cluster.server.startsWith('http:') && !insecure)
    return 'its server is plain http; say insecure: true beside it if that is meant';
  if (user['auth-provider'] !== undefined)
    return 'it has an auth-provider, which kubectl no longer knows either; use exec';
  if (user.username !== undefined)
    return 'it has a user name with a password, which API servers no longer take';
  return undefined;
}

async function pem(
  data: string | undefined,
  file: string | undefined,
  at: (path: string) => string,
): Promise<Result<string | undefined>> {
  if (data !== undefined) return succeeded(Buffer.from(data, 'base64').toString('utf8'));
  return file === undefined ? succeeded(undefined) : pemFile(at(file));
}

async function tokenOf(
  { secretOf }: OpenCluster,
  { token, tokenFile }: User,
  at: (path: string) => string,
): Promise<Result<Secret | undefined>> {
  if (tokenFile !== undefined) return secretOf({ file: at(tokenFile) }).read();
  return succeeded(token === undefined ? undefined : new Secret(token));
}

function refused(path: string, why: string): Result<never> {
  return failed('target-refused', `the kubeconfig ${path} cannot be used: ${why}`);
}
