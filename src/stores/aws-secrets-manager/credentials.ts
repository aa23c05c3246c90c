/** Where AWS credentials come from: the SDK's default chain, and a role assumed with them. Bounds what the SDK leaves open. */
import { fromNodeProviderChain, fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import type { Clock } from '../../ports/clock.ts';
import { raced } from '../../system/raced.ts';
import type { AwsConfig } from './entry.ts';
import { CredentialError } from './failures.ts';
import type { HttpHandler } from './handler.ts';

export interface Surroundings {
  readonly config: AwsConfig;
  readonly installation: string;
  readonly clock: Clock;
  readonly region: string | undefined;
  readonly requestHandler: HttpHandler;
}

/** The SDK writes to the console where it is given no logger. */
export const SILENT: Record<'debug' | 'info' | 'warn' | 'error' | 'trace', () => void> = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  trace: nothing,
};

function nothing(): void {}

/** Of the time of a whole read or write: what is left suffices to say that it was the credentials that did not come. */
const SHARE = 0.8;

type Credentials = Awaited<ReturnType<ReturnType<typeof fromNodeProviderChain>>>;

/**
 * A source of credentials that answers or fails within the store's timeout. The SDK waits for ever on one that never
 * answers, and keeps waiting on that same answer in all later calls: so each refresh starts anew here, files included.
 */
export function credentialSource(surroundings: Surroundings): () => Promise<Credentials> {
  return async () => {
    using deadline = surroundings.clock.deadline(surroundings.config.timeout * SHARE);
    try {
      return await raced(deadline.signal, chain(surroundings));
    } catch (error) {
      throw new CredentialError(deadline.expired, error);
    }
  };
}

function chain({ config, installation, region, requestHandler }: Surroundings): () => Promise<Credentials> {
  const endpoint = config.stsEndpoint ?? config.endpoint;
  const clientConfig = {
    requestHandler,
    maxAttempts: 1,
    logger: SILENT,
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
  };
  const own = fromNodeProviderChain({ clientConfig, logger: SILENT, ignoreCache: true });
  const role = config.assumeRole;
  if (role === undefined) return own;
  return fromTemporaryCredentials({
    masterCredentials: own,
    clientConfig,
    logger: SILENT,
    params: {
      RoleArn: role.arn,
      RoleSessionName: role.sessionName ?? sessionName(installation),
      ...(role.externalId === undefined ? {} : { ExternalId: role.externalId }),
      ...(role.tags === undefined
        ? {}
        : { Tags: Object.entries(role.tags).map(([Key, Value]) => ({ Key, Value })) }),
    },
  });
}

/** AWS allows 64 characters, and few kinds of them. */
function sessionName(installation: string): string {
  return `rekeyd-${installation.replaceAll(/[^\w+=,.@-]/g, '-')}`.slice(0, 64);
}
