/** What every format must do, as `src/ports/format.ts` promises it, and samples of each, which the stores' suite uses too. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../src/domain/credential.ts';
import type { Credential } from '../../src/domain/credential.ts';
import type { Result } from '../../src/domain/failure.ts';
import { Secret, SecretBytes } from '../../src/domain/secret.ts';
import type { JsonObject } from '../../src/domain/target.ts';
import type { FormatEntry } from '../../src/formats/registry.ts';
import type { Decoded, Format } from '../../src/ports/format.ts';

export interface FormatSample {
  /** For the name of a test. */
  readonly title: string;
  readonly entry: FormatEntry<never>;
  readonly format: Format;
  readonly credential: Credential;
  readonly nextCredential: Credential;
}

type Pair = readonly [Credential, Credential];

const TOKENS: Pair = [tokenCredential('eyJh.first.one-_'), tokenCredential('eyJh.second.one-_')];
const CLIENTS: Pair = [
  clientCredential('client-1', 'secret of the first'),
  clientCredential('client-2', `$e"cr'et`),
];

const SAMPLES: Readonly<
  Record<string, readonly { readonly options: JsonObject; readonly credentials: Pair }[]>
> = {
  raw: [{ options: {}, credentials: TOKENS }],
  json: [
    { options: {}, credentials: TOKENS },
    { options: { clientIdKey: 'id', clientSecretKey: 'secret' }, credentials: CLIENTS },
  ],
  dotenv: [
    { options: { variable: 'API_TOKEN' }, credentials: TOKENS },
    { options: { clientIdVariable: 'ID', clientSecretVariable: 'SECRET' }, credentials: CLIENTS },
  ],
  key: [
    { options: { key: 'token' }, credentials: TOKENS },
    { options: { clientIdKey: ['api', 'id'], clientSecretKey: ['api', 'secret'] }, credentials: CLIENTS },
  ],
};

/** Each format in the ways in which it can be configured. Throws for a format that has no sample here. */
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

/** Runs the suite for every entry. */
export function formatContract(entries: readonly FormatEntry<never>[]): void {
  describe.each(formatSamples(entries))('format $title', (sample) => {
    describeRoundTrip(sample);
    describeForeign(sample);
  });
}

function describeRoundTrip({ format, credential, nextCredential }: FormatSample): void {
  it('decodes what it encoded, for any credential', () => {
    fc.assert(
      fc.property(anyCredential(credential.kind), (any) => {
        expect(fingerprintIn(format.decode(bytesOf(format.encode(any, undefined))))).toBe(fingerprintOf(any));
      }),
    );
  });

  it('decodes the next credential after it was written over the one before', () => {
    fc.assert(
      fc.property(anyCredential(credential.kind), anyCredential(credential.kind), (first, second) => {
        const previous = bytesOf(format.encode(first, undefined));
        const bytes = bytesOf(format.encode(second, previous));
        expect(fingerprintIn(format.decode(bytes))).toBe(fingerprintOf(second));
      }),
    );
  });

  it('changes nothing when the credential is there already', () => {
    const bytes = bytesOf(format.encode(credential, undefined));
    expect(bytesOf(format.encode(credential, bytes)).equals(bytes)).toBe(true);
  });

  it('leaves nothing of the old credential behind', () => {
    const bytes = bytesOf(format.encode(nextCredential, bytesOf(format.encode(credential, undefined))));
    for (const field of fieldsOf(credential)) expect(bytes.revealText()).not.toContain(field);
  });

  it('finds the credential behind a byte order mark and before the line breaks of an editor', () => {
    const text = bytesOf(format.encode(credential, undefined)).revealText();
    const decoded = format.decode(new SecretBytes(`\uFEFF${text}\r\n\n`));
    expect(fingerprintIn(decoded)).toBe(fingerprintOf(credential));
  });

  it.each(['', '\n', ' \r\n\t', '\uFEFF'])('finds nothing in a text of white space: %j', (text) => {
    expect(format.decode(new SecretBytes(text)).state).toBe('absent');
    const bytes = bytesOf(format.encode(credential, new SecretBytes(text)));
    expect(fingerprintIn(format.decode(bytes))).toBe(fingerprintOf(credential));
  });
}

function describeForeign({ format, credential }: FormatSample): void {
  const binary = new SecretBytes(Uint8Array.of(0xff, 0xfe, 0x00, 0x41));

  it('takes bytes that are no text for something else', () => {
    expect(format.decode(binary).state).toBe('other');
  });

  it('writes over bytes that are no text only where it keeps nothing of them', () => {
    const result = format.encode(credential, binary);
    expect(result.ok ? 'ok' : result.failure.kind).toBe(format.keepsPrevious ? 'target-refused' : 'ok');
  });

  it('never throws, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.string({ unit: 'binary' }), fc.json()), (previous) => {
        const bytes = new SecretBytes(previous);
        format.decode(bytes);
        const encoded = format.encode(credential, bytes);
        if (encoded.ok) expect(fingerprintIn(format.decode(encoded.value))).toBe(fingerprintOf(credential));
        else expect(encoded.failure.kind).toBe('target-refused');
      }),
      { numRuns: 500 },
    );
  });

  it('refuses the other kind of credential in words that do not reveal it', () => {
    const [other] = credential.kind === 'token' ? CLIENTS : TOKENS;
    const result = format.encode(other, undefined);
    if (format.kind === 'json') return expect(result.ok).toBe(true);
    expect(result).toMatchObject({ ok: false, failure: { kind: 'target-refused' } });
    for (const field of fieldsOf(other)) expect(JSON.stringify(result)).not.toContain(field);
  });

  it.each(['', 'two words', 'line\nbreak', 'nul\0', '\uD800'])(
    'refuses what could not be read back: %j',
    (text) => {
      const bad = credential.kind === 'token' ? tokenCredential(text) : clientCredential('', text);
      expect(format.encode(bad, undefined)).toMatchObject({ ok: false, failure: { kind: 'target-refused' } });
    },
  );
}

export function tokenCredential(text: string): Credential {
  return { kind: 'token', token: new Secret(text) };
}

export function clientCredential(clientId: string, secret: string): Credential {
  return { kind: 'client', clientId, clientSecret: new Secret(secret) };
}

/** Any credential that a service could mint: mostly plain, sometimes with every kind of odd character. */
function anyCredential(kind: Credential['kind']): fc.Arbitrary<Credential> {
  const odd = fc.stringMatching(/^['"\\$`#=&{}[\]:,;%!~é€😀a]+$/u);
  const token = fc.oneof(fc.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/), odd);
  if (kind === 'token') return token.map(tokenCredential);
  const field = fc.oneof(token, fc.stringMatching(/^[ -~]+$/));
  return fc.tuple(field, field).map(([id, secret]) => clientCredential(id, secret));
}

export function bytesOf(result: Result<SecretBytes>): SecretBytes {
  if (!result.ok) throw new Error(result.failure.message);
  return result.value;
}

/** The fingerprint of what was decoded, or the state where it is no credential. */
export function fingerprintIn(decoded: Decoded): string {
  return decoded.state === 'credential' ? fingerprintOf(decoded.credential) : decoded.state;
}

function fieldsOf(credential: Credential): string[] {
  return credential.kind === 'token'
    ? [credential.token.reveal()]
    : [credential.clientId, credential.clientSecret.reveal()];
}
