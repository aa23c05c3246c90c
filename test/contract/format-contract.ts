/** What every format must do, as `src/ports/format.ts` promises it, and samples of each, which the stores' suite uses too. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DETAIL_NAMES } from '../../src/domain/details.ts';
import type { Details } from '../../src/domain/details.ts';
import { fingerprintOf } from '../../src/domain/credential.ts';
import type { Credential } from '../../src/domain/credential.ts';
import type { Result } from '../../src/domain/failure.ts';
import { Secret, SecretBytes } from '../../src/domain/secret.ts';
import type { JsonObject } from '../../src/domain/target.ts';
import { isDocument } from '../../src/formats/json-text.ts';
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
    { options: { details: { expiresAt: 'until', account: 'name' } }, credentials: TOKENS },
    { options: { details: { tokenEndpoint: 'token_url' } }, credentials: CLIENTS },
  ],
  dotenv: [
    { options: { variable: 'API_TOKEN' }, credentials: TOKENS },
    { options: { clientIdVariable: 'ID', clientSecretVariable: 'SECRET' }, credentials: CLIENTS },
    { options: { variable: 'API_TOKEN', details: { expiresAt: 'API_TOKEN_UNTIL' } }, credentials: TOKENS },
    {
      options: {
        clientIdVariable: 'ID',
        clientSecretVariable: 'SECRET',
        details: { tokenEndpoint: 'URL', accountId: 'ACCOUNT' },
      },
      credentials: CLIENTS,
    },
  ],
  key: [
    { options: { key: 'token' }, credentials: TOKENS },
    { options: { clientIdKey: ['api', 'id'], clientSecretKey: ['api', 'secret'] }, credentials: CLIENTS },
    { options: { key: ['api', 'token'], details: { expiresAt: ['api', 'until'] } }, credentials: TOKENS },
    {
      options: {
        clientIdKey: 'id',
        clientSecretKey: ['auth', 'secret'],
        details: { tokenEndpoint: ['auth', 'url'], organisation: 'org' },
      },
      credentials: CLIENTS,
    },
  ],
  template: [
    { options: { text: '{{token}}' }, credentials: TOKENS },
    { options: { text: '[api]\ntoken = {{ token }}\nuntil = {{expiresAt}}\n' }, credentials: TOKENS },
    {
      options: { text: '<a token="{{token|xml}}">{{token|base64}}</a>\n{{ token | url }}' },
      credentials: TOKENS,
    },
    {
      options: { text: 'id: "{{clientId|json}}"\nsecret: "{{clientSecret|json}}"\nurl: {{tokenEndpoint}}\n' },
      credentials: CLIENTS,
    },
    {
      options: { text: 'https://{{clientId|url}}:{{clientSecret|url}}@{{organisation|url}}/{{origin}}' },
      credentials: CLIENTS,
    },
    { options: { text: '{{clientSecret}}\n{{ clientId }}' }, credentials: CLIENTS },
  ],
};

/** Each format in the ways in which it can be configured. Throws for a format that has no sample here. */
export function formatSamples(entries: readonly FormatEntry<never>[]): FormatSample[] {
  return entries.flatMap((entry) => {
    const samples = SAMPLES[entry.kind];
    if (samples === undefined) throw new Error(`add a sample of format ${entry.kind} to format-contract.ts`);
    return samples.map(({ options, credentials: [credential, nextCredential] }, index) => {
      const alike = samples.slice(0, index).filter((each) => each.credentials[0].kind === credential.kind);
      return {
        title: `${entry.kind} for a ${credential.kind}${alike.length > 0 ? ` (${alike.length + 1})` : ''}`,
        entry,
        format: entry.create(entry.schema.parse(options)),
        credential,
        nextCredential,
      };
    });
  });
}

/** Runs the suite for every entry. */
export function formatContract(entries: readonly FormatEntry<never>[]): void {
  describe.each(formatSamples(entries))('format $title', (sample) => {
    describeRoundTrip(sample);
    describeDetails(sample);
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

function describeDetails({ format, credential }: FormatSample): void {
  const { details: names } = format;

  it('says that it can hold the credential', () => {
    expect(format.carries).toContain(credential.kind);
  });

  it('writes every detail that it has a place for, and reads the same credential back whatever they are', () => {
    fc.assert(
      fc.property(anyCredential(credential.kind), anyDetails(), anyDetails(), (any, first, second) => {
        const previous = bytesOf(format.encode(any, undefined, first));
        const bytes = bytesOf(format.encode(any, previous, second));
        expect(fingerprintIn(format.decode(bytes))).toBe(fingerprintOf(any));
        const written = bytes.revealText() ?? '';
        for (const name of names) expect(hasDetail(written, second[name] ?? '')).toBe(true);
      }),
    );
  });

  it('changes nothing when the credential and its details are there already', () => {
    const known = Object.fromEntries(DETAIL_NAMES.map((name) => [name, `the ${name}`]));
    const bytes = bytesOf(format.encode(credential, undefined, known));
    expect(bytesOf(format.encode(credential, bytes, known)).equals(bytes)).toBe(true);
  });

  it('leaves nothing of a detail behind that is not known any more', () => {
    const known = Object.fromEntries(DETAIL_NAMES.map((name) => [name, 'known-before']));
    const before = bytesOf(format.encode(credential, undefined, known));
    expect(before.revealText()?.includes('known-before')).toBe(names.length > 0);
    expect(bytesOf(format.encode(credential, before)).revealText()).not.toContain('known-before');
  });

  it('refuses a detail with a line break in it where it has a place for it', () => {
    const bad = Object.fromEntries(DETAIL_NAMES.map((name) => [name, 'two\nlines']));
    expect(format.encode(credential, undefined, bad).ok).toBe(names.length === 0);
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
    if (format.carries.includes(other.kind)) return expect(result.ok).toBe(true);
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
export function anyCredential(kind: Credential['kind']): fc.Arbitrary<Credential> {
  // A token that is a JSON document is none that every format takes.
  const odd = fc.stringMatching(/^['"\\$`#=&{}[\]:,;%!~é€😀a]+$/u).filter((text) => !isDocument(text));
  const token = fc.oneof(fc.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/), odd);
  if (kind === 'token') return token.map(tokenCredential);
  const field = fc.oneof(token, fc.stringMatching(/^[ -~]+$/));
  return fc.tuple(field, field).map(([id, secret]) => clientCredential(id, secret));
}

export function anyDetails(): fc.Arbitrary<Details> {
  const text = fc.oneof(fc.stringMatching(/^[ -~]*$/), fc.webUrl(), fc.constant('2027-01-31T04:00:00Z'));
  const names = Object.fromEntries(DETAIL_NAMES.map((name) => [name, text]));
  return fc.record(names, { requiredKeys: [] });
}

/** The text of a detail in one of the ways in which formats write it. */
function hasDetail(written: string, text: string): boolean {
  const forms = [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text)];
  const quoted = text.replaceAll(/[\\"$`]/g, String.raw`\$&`);
  const url = encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16)}`,
  );
  return [...forms, quoted, url].some((form) => written.toLowerCase().includes(form.toLowerCase()));
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
