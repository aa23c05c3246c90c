/** How an API's server is reached: kept-alive connections, certificate authorities, a proxy. It knows no path and no body. */
import { X509Certificate } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { Dispatcher } from 'undici';
import { failed, succeeded, type Result } from '../../domain/failure.ts';
import { dispatcherWith } from '../../system/dispatcher.ts';
import { trustProblem } from '../../system/file-guard.ts';

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
  const tls = ca === undefined ? {} : { ca: ca.certificates };
  try {
    return succeeded(dispatcherWith(tls, { connectTimeoutMs, environment }));
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
