/** What every format must do, as `src/ports/format.ts` promises it, and a sample of each for the stores' suite. */
import type { Credential } from '../../src/domain/credential.ts';
import { Secret } from '../../src/domain/secret.ts';
import type { FormatEntry } from '../../src/formats/registry.ts';
import type { JsonObject } from '../../src/domain/target.ts';
import type { Format } from '../../src/ports/format.ts';

export interface FormatSample {
  readonly title: string;
  readonly entry: FormatEntry<never>;
  readonly format: Format;
  readonly credential: Credential;
  readonly nextCredential: Credential;
}

const TOKENS: readonly [Credential, Credential] = [
  tokenCredential('eyJh.first.one'),
  tokenCredential('eyJh.second.one'),
];
const SAMPLES: Readonly<Record<string, readonly { options: JsonObject; credentials: typeof TOKENS }[]>> = {
  raw: [{ options: {}, credentials: TOKENS }],
};

/** Each format in each way in which it can be configured. Throws for a format that has no sample here. */
export function formatSamples(entries: readonly FormatEntry<never>[]): FormatSample[] {
  return entries.flatMap((entry) => {
    const samples = SAMPLES[entry.kind];
    if (samples === undefined) throw new Error(`add a sample of format ${entry.kind} to format-contract.ts`);
    return samples.map(({ options, credentials: [credential, nextCredential] }) => ({
      title: `${entry.kind} for a ${credential.kind}`,
      entry,
      format: entry.create(entry.schema.parse(options)),
      credential,
      nextCredential,
    }));
  });
}

export function tokenCredential(text: string): Credential {
  return { kind: 'token', token: new Secret(text) };
}
