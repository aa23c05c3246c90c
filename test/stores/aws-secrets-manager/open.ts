// Opens the store under test as the composition root does: from words of a configuration, checked by its schema.

import { vi } from 'vitest';
import { awsSecretsManager } from '../../../src/stores/aws-secrets-manager/entry.ts';
import type { Clock, ToldTime } from '../../../src/ports/clock.ts';
import type { Store } from '../../../src/ports/store.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { systemRandom } from '../../../src/system/random.ts';
import { secretSource } from '../../../src/system/secret-source.ts';

export interface Opening {
  /** The words below `kind` in the configuration. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly clock?: Clock;
  readonly environment?: Readonly<Record<string, string>>;
  readonly onTime?: (told: ToldTime) => void;
}

export async function openStore({ config, clock, environment, onTime }: Opening): Promise<Store> {
  const loaded = await awsSecretsManager.load();
  return loaded.open({
    name: 'aws',
    config: awsSecretsManager.schema.parse(config),
    installation: 'test',
    clock: clock ?? systemClock(),
    random: systemRandom(),
    environment: environment ?? {},
    secretOf: (reference) => secretSource(reference, {}),
    ...(onTime && { onTime }),
  });
}

/** A signal that nothing aborts. */
export function endless(): AbortSignal {
  return new AbortController().signal;
}

/** The SDK looks at the process itself: nothing of the machine's own is left there, and these credentials are. */
export function useStaticCredentials(): void {
  for (const name of Object.keys(process.env).filter((key) => key.startsWith('AWS_'))) {
    vi.stubEnv(name, undefined);
  }
  vi.stubEnv('AWS_CONFIG_FILE', '/nowhere/config');
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nowhere/credentials');
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAIOSFODNN7EXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
}
