/** Where the API server is and as whom it is called. */
import type { Result } from '../domain/failure.ts';
import type { Secret } from '../domain/secret.ts';
import type { TlsSettings } from '../system/dispatcher.ts';
import type { ClusterConfig } from './cluster-config.ts';

export interface Access {
  /** Without a slash at its end. */
  readonly server: string;
  readonly tls: TlsSettings;
  /** Absent where the client certificate says who it is, or nobody asks. */
  readonly token?: Secret;
  readonly impersonate?: { readonly user: string; readonly groups: readonly string[] };
}

export interface AccessSource {
  /** Read again where what it comes from has changed. Fails in words that name the file or the setting. */
  current(signal: AbortSignal): Promise<Result<Access>>;
  /** The API server refused it: the next one is made anew. */
  forget(): void;
}

/** `impersonate` of the configuration wins over what a kubeconfig says. */
export function impersonated(
  { impersonate }: ClusterConfig,
  otherwise?: Access['impersonate'],
): Pick<Access, 'impersonate'> {
  if (impersonate !== undefined) return { impersonate: { user: impersonate, groups: [] } };
  return otherwise === undefined ? {} : { impersonate: otherwise };
}
