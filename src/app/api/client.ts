/** A client of a daemon's API at a URL, with the token and the authorities that the caller names. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { failed, succeeded } from '../../domain/failure.ts';
import type { Result } from '../../domain/failure.ts';
import { isLoopback } from '../../domain/loopback.ts';
import { tcpClient } from '../../http/client.ts';
import type { ApiClient } from '../../http/client.ts';
import type { Host } from '../../ports/host.ts';
import { secretSource } from '../../system/secret-source.ts';

export interface ApiClientOptions {
  readonly url: string;
  /** Else the token itself is in `REKEYD_TOKEN`. */
  readonly tokenFile?: string;
  readonly caFile?: string;
  /** Plain http to other machines. */
  readonly insecure?: boolean;
}

const TOKEN = 'REKEYD_TOKEN';

/** Nothing is sent yet. Fails with words for a person where the URL, the token or the authorities are of no use. */
export async function openApiClient(host: Host, options: ApiClientOptions): Promise<Result<ApiClient>> {
  const url = URL.parse(options.url);
  const problem = urlProblem(url, options.insecure === true);
  if (url === null || problem !== undefined) return failed('not-connected', `--url (REKEYD_URL): ${problem}`);
  const at = (path: string) => resolve(host.directory, path);
  const { environment } = host;
  const reference = options.tokenFile === undefined ? { env: TOKEN } : { file: at(options.tokenFile) };
  const token = await secretSource(reference, environment).read();
  if (!token.ok) {
    const how = 'Give the token for --url by --token-file (REKEYD_TOKEN_FILE) or REKEYD_TOKEN.';
    return failed('credential-refused', `${token.failure.message}. ${how}`);
  }
  if (options.caFile === undefined) return succeeded(tcpClient(url, { token: token.value }));
  try {
    const authorities = await readFile(at(options.caFile), 'utf8');
    return succeeded(tcpClient(url, { token: token.value, authorities }));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return failed('not-connected', `--ca-file (REKEYD_CA_FILE) cannot be read: ${why}`);
  }
}

function urlProblem(url: URL | null, insecure: boolean): string | undefined {
  const { protocol = '' } = url ?? {};
  if (url === null || (protocol !== 'https:' && protocol !== 'http:'))
    return 'give a URL that begins with https://, such as https://rekeyd.example.com:8443';
  if (url.username !== '' || url.password !== '')
    return 'a URL carries no user name and no password; the token goes into a file or REKEYD_TOKEN';
  if (url.search !== '' || url.hash !== '') return 'a URL without ? and #';
  if (protocol === 'https:' || insecure || isLoopback(url.hostname)) return undefined;
  return 'by plain http the token would travel in the clear; use https, or --insecure where the network is trusted';
}
