// kubectl, with kustomize, in a container beside an API server: administrator of the cluster.

import { GenericContainer, Wait } from 'testcontainers';
import type { Kubernetes } from './kubernetes.ts';

const IMAGE = 'registry.k8s.io/kubectl:v1.36.1';
const SERVER = '--server=http://127.0.0.1:8080';

export interface Ran {
  readonly code: number;
  readonly output: string;
  /** Where warnings of the API server are, too. */
  readonly errors: string;
}

export interface Kubectl extends AsyncDisposable {
  readonly run: (...args: readonly string[]) => Promise<Ran>;
  /** What it prints. Throws, with what it complained of, where it fails. */
  readonly must: (...args: readonly string[]) => Promise<string>;
  /** Puts a file where it can be named. */
  readonly put: (path: string, text: string) => Promise<void>;
}

/** `folders`: source by the path at which kubectl finds it. */
export async function startKubectl(
  { container: network }: Pick<Kubernetes, 'container'>,
  folders: Readonly<Record<string, string>>,
): Promise<Kubectl> {
  const container = await new GenericContainer(IMAGE)
    .withNetworkMode(`container:${network}`)
    // Something that lasts: commands are run beside it.
    .withCommand(['proxy', '--port=0', SERVER])
    .withCopyDirectoriesToContainer(
      Object.entries(folders).map(([target, source]) => ({ source, target, mode: 0o755 })),
    )
    .withWaitStrategy(Wait.forLogMessage(/Starting to serve/))
    .start();
  const run: Kubectl['run'] = async (...args) => {
    const {
      exitCode: code,
      stdout: output,
      stderr: errors,
    } = await container.exec(['/bin/kubectl', SERVER, ...args]);
    return { code, output, errors };
  };
  return {
    run,
    async must(...args) {
      const { code, output, errors } = await run(...args);
      if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${errors}`);
      return output;
    },
    put: (target, content) => container.copyContentToContainer([{ target, content }]),
    async [Symbol.asyncDispose]() {
      await container.stop();
    },
  };
}
