/** Stands for a credential where none is in hand, or none may be shown: only what would be written, and where, is asked. */
import type { Credential } from '../domain/credential.ts';
import { Secret } from '../domain/secret.ts';
import type { SecretBytes } from '../domain/secret.ts';
import type { Format } from '../ports/format.ts';
import { detailsFor } from './details-for.ts';
import type { DetailsFrom } from './details-for.ts';

const SAMPLES: Readonly<Record<Credential['kind'], Credential>> = {
  token: { kind: 'token', token: new Secret('sample') },
  client: { kind: 'client', clientId: 'sample', clientSecret: new Secret('sample') },
};

/** More than any credential takes, in bytes, as a format writes it. */
const CREDENTIAL_ROOM = 4_096;

/** What would be written with a sample may take so many bytes with a real credential. */
export function sizeWithCredential(sampled: SecretBytes | undefined): number {
  return (sampled?.length ?? 0) + CREDENTIAL_ROOM;
}

/** A credential of a kind that the format can hold. */
export function sampleFor({ carries: [kind = 'token'] }: Format): Credential {
  return SAMPLES[kind];
}

/** What a delivery over `previous` would write, were the credential a sample; `undefined` where that cannot be encoded. */
export function sampleBytes(
  format: Format,
  previous: SecretBytes | undefined,
  from: DetailsFrom,
): SecretBytes | undefined {
  const sample = sampleFor(format);
  const encoded = format.encode(sample, previous, detailsFor(from, sample));
  return encoded.ok ? encoded.value : undefined;
}
