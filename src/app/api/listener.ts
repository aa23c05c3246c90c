/** One listener of the API on TCP, with the certificate that its files hold at each time. */
import { isDeepStrictEqual } from 'node:util';
import type { ApiSettings } from '../../config/api-settings.ts';
import { createApi } from '../../http/api.ts';
import { createAttempts } from '../../http/attempts.ts';
import type { ApiServices } from '../../http/services.ts';
import { listenOnTcp, TCP_LIMITS, tcpServer } from '../../http/tcp.ts';
import type { TcpServer } from '../../http/tcp.ts';
import type { KnownToken } from '../../http/tokens.ts';
import { ListenError } from '../../ports/listen-error.ts';
import type { DaemonTelemetry } from '../../telemetry/telemetry.ts';
import { readCertificate } from './certificate.ts';
import type { ReadCertificate, TlsFiles } from './certificate.ts';

const MINUTE_MS = 60_000;
const ADDRESSES_MAX = 10_000;
/** Wrong tokens of one address in a minute; guessing one of ours would take longer than the sun shines. */
const WRONG_TOKENS = { failuresMax: 10, periodMs: MINUTE_MS, addressesMax: ADDRESSES_MAX };
/** Refusals of one address in a minute that are told; the others are only counted. */
const TOLD_REFUSALS = { failuresMax: 30, periodMs: MINUTE_MS, addressesMax: ADDRESSES_MAX };
/** Between two looks at the files of the certificate, in ms. */
const LOOK_MS = 2_000;

export interface ApiParts {
  readonly services: ApiServices;
  readonly telemetry: DaemonTelemetry;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface ApiListener extends AsyncDisposable {
  /** Such as `https://127.0.0.1:8443`. */
  readonly url: string;
}

/** Rejects with `ListenError` where the certificate is of no use or the address cannot be had. */
export async function openApiListener(
  { address, tls }: Pick<ApiSettings, 'address' | 'tls'>,
  tokens: () => readonly KnownToken[],
  { services, telemetry }: Omit<ApiParts, 'environment'>,
): Promise<ApiListener> {
  const { clock } = services;
  const certificate = tls && (await goodCertificate(tls));
  const server = tcpServer(certificate?.texts, TCP_LIMITS);
  const api = createApi(services, {
    onError: (error) => telemetry.log.error('request failed', { detail: error.message }),
    serverFactory: server.serverFactory,
    guard: {
      tokens,
      attempts: createAttempts(() => clock.elapsed(), WRONG_TOKENS),
      tellings: createAttempts(() => clock.elapsed(), TOLD_REFUSALS),
      refused: (request, isTold) =>
        isTold
          ? telemetry.event('api-refused', { ...request })
          : telemetry.count('api-refused', { ...request }),
    },
  });
  const url = await listenOnTcp(api, address);
  telemetry.event('listener-started', { listener: 'api', address: url });
  const closing = new AbortController();
  const following =
    tls === undefined || certificate === undefined
      ? Promise.resolve()
      : followFiles(tls, certificate, server, { services, telemetry, signal: closing.signal });
  if (certificate !== undefined) tellOf(certificate, telemetry);
  return {
    url,
    async [Symbol.asyncDispose]() {
      closing.abort(new Error('the listener is closed'));
      await following;
      await api.close();
    },
  };
}

async function goodCertificate(tls: TlsFiles): Promise<ReadCertificate> {
  const read = await readCertificate(tls);
  if (read.ok) return read.value;
  throw new ListenError(`cannot serve the API with TLS: ${read.message}. Put that right, or change api.tls`);
}

/** Looks again and again, because the system's own notices miss Kubernetes' swaps of links. A bad one changes nothing. */
async function followFiles(
  files: TlsFiles,
  first: ReadCertificate,
  server: TcpServer,
  options: Pick<ApiParts, 'services' | 'telemetry'> & { readonly signal: AbortSignal },
): Promise<void> {
  const { services, telemetry, signal } = options;
  let used = first.texts;
  let complained = '';
  while (await slept(services, signal)) {
    const read = await readCertificate(files);
    if (!read.ok) {
      if (read.message !== complained) telemetry.event('api-certificate-refused', { message: read.message });
      complained = read.message;
      continue;
    }
    complained = '';
    if (isDeepStrictEqual(read.value.texts, used)) continue;
    used = read.value.texts;
    server.useTls(used);
    tellOf(read.value, telemetry);
  }
}

function tellOf({ subject, expiresAt }: ReadCertificate, telemetry: DaemonTelemetry): void {
  telemetry.event('api-certificate-loaded', { subject, expiresAt });
}

/** False where the signal was aborted. */
async function slept({ clock }: Pick<ApiServices, 'clock'>, signal: AbortSignal): Promise<boolean> {
  return clock.sleep(LOOK_MS, { signal }).then(
    () => true,
    () => false,
  );
}
