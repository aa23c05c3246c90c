/** The SDK's clients for one store: made at the first call, with sockets that are kept open, and made anew when credentials are refused. */
import { open } from 'node:fs/promises';
import { Agent as PlainAgent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { getCACertificates } from 'node:tls';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { STSClient } from '@aws-sdk/client-sts';
import { failed, succeeded } from '../../domain/failure.ts';
import type { Result } from '../../domain/failure.ts';
import { trustProblem } from '../../system/file-guard.ts';
import type { OpenStore } from '../entry.ts';
import { AS_RECEIVED, tellTime } from './told-time.ts';
import { credentialSource, SILENT } from './credentials.ts';
import type { AwsConfig } from './entry.ts';
import { BoundedHandler } from './handler.ts';

export interface Clients {
  readonly secrets: SecretsManagerClient;
  readonly tokens: STSClient;
}

export interface Connection extends Disposable {
  /** The configured region, or the environment's; `undefined` where only a profile can say. */
  readonly region: string | undefined;
  /** The clients. Fails with `target-refused` where the file of certificates cannot be read. */
  clients(): Promise<Result<Clients>>;
  /** The next call makes clients anew, which look for credentials anew. */
  forget(): void;
}

/** More calls than this at once wait for a socket. */
const SOCKETS_MAX = 64;

/** A socket whose call was given up is closed this long after the call's own time. */
const ABANDONED_AFTER_MS = 1_000;

export function connect(options: OpenStore<AwsConfig>): Connection {
  const { config, installation, clock, environment } = options;
  const region = config.region ?? environment['AWS_REGION'] ?? environment['AWS_DEFAULT_REGION'];
  let handler: BoundedHandler | undefined;
  let clients: Clients | undefined;

  const make = (requestHandler: BoundedHandler): Clients => {
    const credentials = credentialSource({ config, installation, clock, region, requestHandler });
    const common = {
      requestHandler,
      credentials,
      logger: SILENT,
      // Repeating is the engine's business: it knows what is urgent, and remembers.
      maxAttempts: 1,
      customUserAgent: 'rekeyd',
      ...(region === undefined ? {} : { region }),
    };
    const stsEndpoint = config.stsEndpoint ?? config.endpoint;
    const made = {
      secrets: new SecretsManagerClient({
        ...common,
        ...(config.endpoint === undefined ? {} : { endpoint: config.endpoint }),
      }),
      tokens: new STSClient({ ...common, ...(stsEndpoint === undefined ? {} : { endpoint: stsEndpoint }) }),
    };
    made.secrets.middlewareStack.add(tellTime(options), AS_RECEIVED);
    made.tokens.middlewareStack.add(tellTime(options), AS_RECEIVED);
    return made;
  };

  return {
    region,
    async clients() {
      if (handler === undefined) {
        const authorities = await readAuthorities(config.ca);
        if (!authorities.ok) return authorities;
        handler ??= makeHandler(config.timeout, authorities.value, environment);
      }
      clients ??= make(handler);
      return succeeded(clients);
    },
    forget() {
      clients = undefined;
    },
    [Symbol.dispose]() {
      handler?.destroy();
    },
  };
}

function makeHandler(
  timeoutMs: number,
  ca: string[] | undefined,
  proxyEnv: OpenStore<AwsConfig>['environment'],
): BoundedHandler {
  const agent = { keepAlive: true, maxSockets: SOCKETS_MAX, proxyEnv };
  // Every call has a deadline of its own; these times only free the sockets of calls that were given up without one.
  return new BoundedHandler({
    httpAgent: new PlainAgent(agent),
    httpsAgent: new TlsAgent({ ...agent, ...(ca === undefined ? {} : { ca }) }),
    connectionTimeout: timeoutMs + ABANDONED_AFTER_MS,
    requestTimeout: timeoutMs + ABANDONED_AFTER_MS,
    throwOnRequestTimeout: true,
    logger: SILENT,
  });
}

/** The usual authorities and those of the file; `undefined` where no file is configured. */
async function readAuthorities(path: string | undefined): Promise<Result<string[] | undefined>> {
  if (path === undefined) return succeeded(undefined);
  try {
    await using file = await open(path);
    // Whoever can write it decides whose servers get the credentials.
    const problem = trustProblem(path, await file.stat());
    if (problem !== undefined)
      return failed('target-refused', `the certificates in ${path} are not trusted: ${problem}`);
    return succeeded([...getCACertificates('default'), await file.readFile('utf8')]);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    return failed(
      'target-refused',
      `the certificates in ${path} cannot be read (${code}); see the store’s ca, and the permissions of that file`,
      { id: code },
    );
  }
}
