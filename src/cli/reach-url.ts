/** Reaches the daemon at a URL, where one was given, and says what is wrong where it does not answer. */
import { NOT_OURS } from '../http/client.ts';
import type { ApiClient, UnreachableError } from '../http/client.ts';
import { EXIT } from '../ports/host.ts';
import type { Host } from '../ports/host.ts';
import { CommandError } from './explain.ts';

export interface UrlOptions {
  readonly socket?: string;
  readonly url?: string;
  readonly tokenFile?: string;
  readonly caFile?: string;
  readonly insecure?: boolean;
}

export interface AtUrl {
  readonly url: string;
  readonly client: ApiClient;
}

/** `undefined` where a socket is meant. What was given with the command wins over the environment. Rejects with `CommandError`. */
export async function clientAtUrl(host: Host, options: UrlOptions): Promise<AtUrl | undefined> {
  const { url, socket, tokenFile, caFile } = options;
  if (url === undefined || url === '') return undefined;
  const fromEnvironment = url === host.environment['REKEYD_URL'];
  const socketGiven = socket !== undefined && socket !== host.environment['REKEYD_SOCKET'];
  if (socketGiven && fromEnvironment) return undefined;
  if (socketGiven) throw new CommandError('say where the daemon is in one way: --socket or --url');
  const { openApiClient } = await import('../app/api/client.ts');
  const opened = await openApiClient(host, {
    url,
    ...(tokenFile === undefined ? {} : { tokenFile }),
    ...(caFile === undefined ? {} : { caFile }),
    insecure: options.insecure === true,
  });
  if (!opened.ok) throw new CommandError(opened.failure.message);
  return { url, client: opened.value };
}

/** Why nobody answered at a URL, with what to do about it. */
export function unreachable(url: string, { code }: UnreachableError): CommandError {
  return new CommandError(`no daemon answers at ${url}: ${codeWords(code)}`, EXIT.unreachable);
}

function codeWords(code: string): string {
  switch (code) {
    case 'ECONNREFUSED':
      return 'nobody listens there; is api configured, with a token, and the port right?';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'its name is not known; correct it';
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `it cannot be reached from here (${code}); a firewall or network policy may be in the way`;
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return 'its certificate is for another name; use a name that the certificate has';
    case 'CERT_HAS_EXPIRED':
      return 'its certificate has expired; renew it';
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return `its certificate is of an authority that is not trusted here (${code}); name that with --ca-file`;
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'EPROTO':
      return `it does not speak TLS, or another version of it (${code}); http or https?`;
    case NOT_OURS:
      return 'what answers there is no rekeyd; correct the URL';
    default:
      return `${code}; http or https, and is the port right?`;
  }
}
