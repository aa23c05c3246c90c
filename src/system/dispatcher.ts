/** Connections to a server elsewhere: kept alive for a moment, over HTTP/1.1, through a proxy where the environment names one. */
import { createHash } from 'node:crypto';
import { Agent, Dispatcher, EnvHttpProxyAgent } from 'undici';
import { isLoopback } from '../domain/loopback.ts';
import { inSubnetsOf } from './no-proxy.ts';

/** What TLS is spoken with, as PEM texts. Without `ca`: the authorities of Node. */
export interface TlsSettings {
  readonly ca?: string | string[];
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
}

export interface DispatcherOptions {
  readonly connectTimeoutMs: number;
  /** For `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, in either case. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** To one server; absent: as many as there are calls. */
  readonly connectionsMax?: number;
  /** How long an idle connection is kept, unless the server announces less, in ms. Absent: a moment. */
  readonly keepAliveMs?: number;
}

export interface Dispatchers extends AsyncDisposable {
  /**
   * For calls of this server with this TLS: begun anew where either has changed, while what is under way with the old one is carried
   * through. Throws as `dispatcherWith` does.
   */
  to(server: string, tls: TlsSettings): Dispatcher;
  /** How often connections were begun anew, because an address or a certificate changed. */
  opened(): number;
}

/**
 * How long an idle connection is kept where nobody says. Short, because a request written to a connection that the server is
 * just closing is lost, and nobody knows whether a lost mint has happened.
 */
const KEEP_ALIVE_MS = 4_000;
const CONNECTIONS_MAX = 32;

export function dispatchers(options: Omit<DispatcherOptions, 'connectionsMax'>): Dispatchers {
  let open: { readonly for: string; readonly dispatcher: Dispatcher } | undefined;
  let opened = 0;
  const closing = new Set<Promise<void>>();

  return {
    opened: () => opened,
    to(server, tls) {
      const wanted = createHash('sha256')
        .update(JSON.stringify([server, tls]))
        .digest('hex');
      if (open?.for === wanted) return open.dispatcher;
      if (open !== undefined) drain(open.dispatcher, closing);
      opened += 1;
      open = {
        for: wanted,
        dispatcher: dispatcherWith(tls, { ...options, connectionsMax: CONNECTIONS_MAX }),
      };
      return open.dispatcher;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(closing);
      await open?.dispatcher.destroy();
    },
  };
}

function drain(dispatcher: Dispatcher, closing: Set<Promise<void>>): void {
  const done = dispatcher.close().catch(() => undefined);
  closing.add(done);
  void done.then(() => closing.delete(done));
}

/**
 * Keeps no time for answers: each call has a deadline of its own. Throws an error of code `ERR_PROXY_URL` where the environment
 * names a proxy by what is no URL.
 */
export function dispatcherWith(tls: TlsSettings, options: DispatcherOptions): Dispatcher {
  const {
    connectTimeoutMs: connectTimeout,
    environment,
    connectionsMax,
    keepAliveMs = KEEP_ALIVE_MS,
  } = options;
  const connect = { ...tls, timeout: connectTimeout, allowH2: false };
  const shared = {
    // Over HTTP/2 undici sends a refused request again, whatever its method; a mint must be sent once.
    allowH2: false,
    pipelining: 1,
    ...(connectionsMax !== undefined && { connections: connectionsMax }),
    keepAliveTimeout: keepAliveMs,
    // Else a server that announces more has its way.
    keepAliveMaxTimeout: keepAliveMs,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect,
  } as const;
  const httpProxy = environment['http_proxy'] ?? environment['HTTP_PROXY'] ?? '';
  const httpsProxy = environment['https_proxy'] ?? environment['HTTPS_PROXY'] ?? '';
  const noProxy = environment['no_proxy'] ?? environment['NO_PROXY'] ?? '';
  if (httpProxy === '' && httpsProxy === '') return new Agent(shared);
  // The empty texts matter: where a setting is absent, undici takes it from the process by itself.
  const proxies = { httpProxy, httpsProxy, noProxy, requestTls: connect, connectTimeout };
  try {
    return new PastProxy(
      new EnvHttpProxyAgent({ ...shared, ...proxies }),
      new Agent(shared),
      inSubnetsOf(noProxy),
    );
  } catch (cause) {
    const error = new Error('HTTPS_PROXY or HTTP_PROXY is not the URL of a proxy', { cause });
    throw Object.assign(error, { code: 'ERR_PROXY_URL' });
  }
}

/**
 * What is for this machine never leaves it, whatever proxy there is: plain http is allowed to it because nobody reads along on the way,
 * and a proxy's own machine is another one. Nor does a proxy see what goes to the subnets that it is not for.
 */
class PastProxy extends Dispatcher {
  readonly #others: Dispatcher;
  readonly #past: Dispatcher;
  readonly #isNotFor: (host: string) => boolean;

  constructor(others: Dispatcher, past: Dispatcher, isNotFor: (host: string) => boolean) {
    super();
    this.#others = others;
    this.#past = past;
    this.#isNotFor = isNotFor;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const host = URL.parse(String(options.origin))?.hostname ?? '';
    return (isLoopback(host) || this.#isNotFor(host) ? this.#past : this.#others).dispatch(options, handler);
  }

  override async close(): Promise<void> {
    await Promise.all([this.#others.close(), this.#past.close()]);
  }

  override async destroy(): Promise<void> {
    await Promise.all([this.#others.destroy(), this.#past.destroy()]);
  }
}
