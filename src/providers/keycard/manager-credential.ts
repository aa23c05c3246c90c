/** The manager credential: a client id as it is or referred to, and a client secret. */
import type { ClientCredential } from '../../domain/credential.ts';
import { failed, succeeded, type Result } from '../../domain/failure.ts';
import type { SecretReference, SecretSource } from '../../ports/settings.ts';
import { HEADER_TEXT } from '../http/header-text.ts';
import type { KeycardConfig } from './schema.ts';

/** Reads again when a file of it has changed. */
export interface ManagerSource {
  /** For messages: `file /run/secrets/client-secret`. */
  readonly description: string;
  /** Fails with `credential-refused` where a part is missing or cannot be one. */
  read(): Promise<Result<ClientCredential>>;
}

export function managerSource(
  { clientId, clientSecret }: Pick<KeycardConfig, 'clientId' | 'clientSecret'>,
  secretOf: (reference: SecretReference) => SecretSource,
): ManagerSource {
  const id = typeof clientId === 'string' ? clientId : secretOf(clientId);
  const secret = secretOf(clientSecret);
  const description =
    typeof id === 'string' ? secret.description : `${id.description} and ${secret.description}`;
  return {
    description,
    async read() {
      const idRead = typeof id === 'string' ? succeeded(id) : await textOf(id);
      if (!idRead.ok) return idRead;
      const secretRead = await secret.read();
      if (!secretRead.ok) return secretRead;
      if (HEADER_TEXT.test(idRead.value) && HEADER_TEXT.test(secretRead.value.reveal())) {
        return succeeded({ kind: 'client', clientId: idRead.value, clientSecret: secretRead.value });
      }
      return failed(
        'credential-refused',
        `The manager credential in ${description} has spaces or line breaks in it. Correct it.`,
      );
    },
  };
}

async function textOf(source: SecretSource): Promise<Result<string>> {
  const read = await source.read();
  return read.ok ? succeeded(read.value.reveal()) : read;
}
