/** The SDK's clients for one store: made at the first call, with sockets that are kept open, and made anew when credentials are refused. */
import { open } from 'node:fs/promises';
import { getCACertificates } from 'node:tls';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { STSClient } from '@aws-sdk/client-sts';
import { failed, succeeded } from '../../domain/failure.ts';
import type { Result } from '../../domain/failure.ts';
import { dispatcherWith } from '../../system/dispatcher.ts';
import { trustProblem } from '../../system/file-guard.ts';
import type { OpenStore } from '../entry.ts';
import { AS_RECEIVED, tellTime } from './told-time.ts';
import { credentialSource, SILENT } from './credentials.ts';
import type { AwsConfig } from './entry.ts';
import { httpHandler } from './handler.ts';
import type { HttpHandler } from './handler.ts';

export interface Clients {
  readonly secrets: SecretsManagerClient;
  readonly tokens: STSClient;
}

export interface Connection extends AsyncDisposable {
  /** The configured region, or the environment's; `undefined` where only a profile can say. */
  readonly region: string | undefined;
  /** The clients. Fails with `target-refused` where the file of certificates cannot be read. */
  clients(): Promise<Result<Clients>>;
  /** The next call makes clients anew, which look for credentials anew. */
  forget(): void;
}

/** More calls than this at once wait for a connection. */
const CONNECTIONS_MAX = 64;

/** An idle connection is kept for longer than most mints take, so that the delivery finds it. All calls are safe to repeat. */
const KEEP_ALIVE_MS = 30_000;

/** A connection whose call was given up without a signal is closed this long after the call's own time. */
const ABANDONED_AFTER_MS = 1_000;

export function connect(options: OpenStore<AwsConfig>): Connection {
  const { config, installation, clock, environment } = options;
  const region = config.region ?? environment['AWS_REGION'] ?? environment['AWS_DEFAULT_REGION'];
  let opened: Opened | undefined;
  let clients: Clients | undefined;

  const make = (requestHandler: HttpHandler): Clients => {
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
      if (opened === undefined) {
        const authorities = await readAuthorities(config.ca);
        if (!authorities.ok) return authorities;
        opened ??= openHandler(options, authorities.value);
      }
      clients ??= make(opened.handler);
      return succeeded(clients);
    },
    forget() {
      clients = undefined;
    },
    async [Symbol.asyncDispose]() {
      await opened?.dispatcher.destroy();
    },
  };
}

interface Opened {
  readonly dispatcher: ReturnType<typeof dispatcherWith>;
  readonly handler: HttpHandler;
}

function openHandler(
  { config, clock, environment }: Pick<OpenStore<AwsConfig>, 'config' | 'clock' | 'environment'>,
  ca: string[] | undefined,
): Opened {
  const timeLimitMs = config.timeout + ABANDONED_AFTER_MS;
  const dispatcher = dispatcherWith(ca === undefined ? {} : { ca }, {
    connectTimeoutMs: timeLimitMs,
    environment,
    connectionsMax: CONNECTIONS_MAX,
    keepAliveMs: KEEP_ALIVE_MS,
  });
  return { dispatcher, handler: httpHandler({ dispatcher, clock, timeLimitMs }) };
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
