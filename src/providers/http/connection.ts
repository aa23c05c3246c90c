/** How an API's server is reached: kept-alive connections, certificate authorities, a proxy. It knows no path and no body. */
import { X509Certificate } from 'node:crypto';
import { open } from 'node:fs/promises';
import { Agent, EnvHttpProxyAgent, type Dispatcher } from 'undici';
import { failed, succeeded, type Result } from '../../domain/failure.ts';
import { trustProblem } from '../../system/file-guard.ts';

/**
 * How long an idle connection is kept, unless the server announces less. Short, because a request written to a connection
 * that the server is just closing is lost, and nobody knows whether a lost mint has happened.
 */
const KEEP_ALIVE_MS = 4_000;

export interface ConnectionOptions {
  /** For messages. */
  readonly where: string;
  /** A PEM file with the only authorities to trust; else those of Node. */
  readonly caFile?: string | undefined;
  readonly connectTimeoutMs: number;
  /** For `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, in either case. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface Connection extends AsyncDisposable {
  /** Fails with `not-connected` where the file of authorities or the proxy's address is of no use. */
  dispatcher(): Promise<Result<Dispatcher>>;
}

export function connection(options: ConnectionOptions): Connection {
  let opened: Dispatcher | undefined;
  let opening: Promise<Result<Dispatcher>> | undefined;

  async function open(): Promise<Result<Dispatcher>> {
    const result = await create(options);
    if (result.ok) opened = result.value;
    opening = undefined;
    return result;
  }

  return {
    dispatcher() {
      if (opened !== undefined) return Promise.resolve(succeeded(opened));
      opening ??= open();
      return opening;
    },
    async [Symbol.asyncDispose]() {
      await opening;
      await opened?.destroy();
    },
  };
}

async function create(options: ConnectionOptions): Promise<Result<Dispatcher>> {
  const { caFile, where, connectTimeoutMs, environment } = options;
  const ca = caFile === undefined ? undefined : await authoritiesIn(caFile);
  if (ca?.ok === false) {
    const message = `${where} was not called: the certificate authorities in ${caFile} ${ca.problem}. Check tls.ca.`;
    return failed('not-connected', message);
  }
  const tls = {
    timeout: connectTimeoutMs,
    allowH2: false,
    ...(ca === undefined ? {} : { ca: ca.certificates }),
  };
  const shared = {
    // Over HTTP/2 undici sends a refused request again, whatever its method; a mint must be sent once.
    allowH2: false,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // Time is kept by the Clock port, for a whole call; these would be measured by another clock.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: tls,
  } as const;
  const httpProxy = environment['http_proxy'] ?? environment['HTTP_PROXY'] ?? '';
  const httpsProxy = environment['https_proxy'] ?? environment['HTTPS_PROXY'] ?? '';
  const noProxy = environment['no_proxy'] ?? environment['NO_PROXY'] ?? '';
  if (httpProxy === '' && httpsProxy === '') return succeeded(new Agent(shared));
  try {
    // The empty texts matter: where a setting is absent, undici takes it from the process by itself.
    const proxies = { httpProxy, httpsProxy, noProxy, requestTls: tls, connectTimeout: connectTimeoutMs };
    return succeeded(new EnvHttpProxyAgent({ ...shared, ...proxies }));
  } catch {
    return failed(
      'not-connected',
      `${where} was not called: HTTP_PROXY or HTTPS_PROXY is not the URL of a proxy. Correct or unset it.`,
    );
  }
}

const CERTIFICATE =
  /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[\s\S]+?-----END (?:X509 |TRUSTED )?CERTIFICATE-----/g;

type Authorities =
  | { readonly ok: true; readonly certificates: string[] }
  | { readonly ok: false; readonly problem: string };

/** Each is looked at here, because Node takes a file without a single good one and then trusts nobody. */
async function authoritiesIn(path: string): Promise<Authorities> {
  try {
    await using file = await open(path);
    // Whoever can write it decides whose servers get the credentials.
    const problem = trustProblem(path, await file.stat());
    if (problem !== undefined) return { ok: false, problem: `are not trusted: ${problem}` };
    const certificates = (await file.readFile('utf8')).match(CERTIFICATE) ?? [];
    if (certificates.length === 0)
      return { ok: false, problem: 'are none: there is no PEM certificate in it' };
    for (const certificate of certificates) void new X509Certificate(certificate);
    return { ok: true, certificates: [...certificates] };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    const isSystems = !code.startsWith('ERR_');
    return {
      ok: false,
      problem: isSystems ? `cannot be read (${code})` : `are no PEM certificates (${code})`,
    };
  }
}
