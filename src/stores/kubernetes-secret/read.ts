/** What a place of a Secret holds now, who wrote it, and when this daemon did. */
import { succeeded } from '../../domain/failure.ts';
import type { Result } from '../../domain/failure.ts';
import type { Stored } from '../../ports/store.ts';
import type { SecretAddress } from './address.ts';
import type { Api } from './api.ts';
import { contentOf, textsOf } from './content.ts';
import type { SecretObject } from './models.ts';
import { lastWriter, ownMarking } from './ownership.ts';

export async function read(api: Api, address: SecretAddress, installation: string): Promise<Result<Stored>> {
  const secret = await api.get(address);
  if (!secret.ok) return secret;
  const bytes = secret.value && contentOf(secret.value.data, address);
  const version = secret.value && versionOf(secret.value, address, installation);
  if (secret.value === undefined || bytes === undefined || version === undefined) {
    return succeeded({ state: 'absent' });
  }
  const marking = ownMarking(secret.value, address, installation);
  const keys = marking?.keys ?? keysAt(secret.value, address);
  const lastWrite = lastWriter(secret.value, keys, { address, installation });
  return succeeded({
    state: 'present',
    bytes,
    version,
    ...(marking !== undefined && { writtenByUsAt: Date.parse(marking.at) }),
    ...(lastWrite !== undefined && { lastWrite }),
  });
}

/**
 * The token of our own write, for as long as nobody else changed what it wrote: other keys, labels and annotations may change as
 * they like. For what others wrote, alone or beside us in one document, the version of the whole Secret. `undefined`: nothing is
 * there.
 */
export function versionOf(
  secret: SecretObject,
  address: SecretAddress,
  installation: string,
): string | undefined {
  const { data, metadata } = secret;
  if (contentOf(data, address) === undefined) return undefined;
  const marking = ownMarking(secret, address, installation);
  const keys = address.key === undefined ? textsOf(data).map(([key]) => key) : [address.key];
  const isOurs = keys.every((key) => marking?.keys.includes(key));
  return marking !== undefined && isOurs ? marking.write : `${metadata.uid}.${metadata.resourceVersion}`;
}

function keysAt({ data }: SecretObject, { key }: SecretAddress): string[] {
  return key === undefined ? Object.keys(data) : [key];
}
