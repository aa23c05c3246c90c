/** Finds out where the API server is: from inside a cluster, from a kubeconfig, or as configured. Sends nothing. */
import { failed, succeeded } from '../domain/failure.ts';
import type { Result } from '../domain/failure.ts';
import { impersonated } from './access.ts';
import type { AccessSource } from './access.ts';
import type { OpenCluster } from './cluster-config.ts';
import { kubeconfigAccess } from './kubeconfig.ts';
import { pemFile } from '../system/trusted-file.ts';

/** Where Kubernetes puts what a pod's service account calls the API server with. */
const SERVICE_ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

export function accessSource(
  options: OpenCluster,
  serviceAccountFolder = SERVICE_ACCOUNT_FOLDER,
): AccessSource {
  const { kubeconfig, server } = options.config;
  if (kubeconfig !== undefined) return kubeconfigAccess(options, kubeconfig);
  return server === undefined ? inCluster(options, serviceAccountFolder) : explicit(options, server);
}

function inCluster(options: OpenCluster, folder: string): AccessSource {
  const { environment, config, secretOf } = options;
  const host = environment['KUBERNETES_SERVICE_HOST'] ?? '';
  const port = environment['KUBERNETES_SERVICE_PORT'] ?? '443';
  const token = secretOf({ file: `${folder}/token` });
  return {
    async current() {
      if (host === '') {
        return failed(
          'not-connected',
          'rekeyd does not run in a Kubernetes cluster (KUBERNETES_SERVICE_HOST is not set): give a kubeconfig, or a ' +
            'server with its token',
        );
      }
      const ca = await pemFile(`${folder}/ca.crt`);
      if (!ca.ok) return ca;
      const secret = await token.read();
      if (!secret.ok) return withAdvice(secret.failure.message);
      const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
      return succeeded({ server, tls: { ca: ca.value }, token: secret.value, ...impersonated(config) });
    },
    forget: () => undefined,
  };
}

function withAdvice(why: string): Result<never> {
  return failed(
    'credential-refused',
    `${why}; let the pod have its service account's token (automountServiceAccountToken: true)`,
  );
}

function explicit({ config, secretOf }: OpenCluster, server: string): AccessSource {
  const token = config.token === undefined ? undefined : secretOf(config.token);
  return {
    async current() {
      const ca = config.ca === undefined ? undefined : await pemFile(config.ca);
      if (ca?.ok === false) return ca;
      const secret = await token?.read();
      if (secret?.ok === false) return secret;
      return succeeded({
        server: server.replace(/\/+$/, ''),
        tls: ca === undefined ? {} : { ca: ca.value },
        ...(secret !== undefined && { token: secret.value }),
        ...impersonated(config),
      });
    },
    forget: () => undefined,
  };
}
