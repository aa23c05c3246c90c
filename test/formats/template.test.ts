import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../src/domain/credential.ts';
import { DETAIL_NAMES } from '../../src/domain/details.ts';
import { SecretBytes } from '../../src/domain/secret.ts';
import { parseTemplate } from '../../src/formats/template-text.ts';
import { template } from '../../src/formats/template.ts';
import type { Format } from '../../src/ports/format.ts';
import {
  anyCredential,
  anyDetails,
  bytesOf,
  clientCredential,
  fingerprintIn,
  tokenCredential,
} from '../contract/format-contract.ts';

describe('a template', () => {
  it('has every field and detail put into it, in one text', () => {
    const format = formatOf(
      'id={{clientId}}\nsecret={{ clientSecret }}\nurl={{tokenEndpoint}}\nfor={{account}}\n',
    );
    const bytes = bytesOf(
      format.encode(clientCredential('the id', 'the secret'), undefined, {
        tokenEndpoint: 'https://api.example/token',
        account: 'billing',
      }),
    );
    expect(bytes.revealText()).toBe(
      'id=the id\nsecret=the secret\nurl=https://api.example/token\nfor=billing\n',
    );
  });

  it.each<[encoding: string, wantWritten: string]>([
    ['json', String.raw`a\"b\\c&'<é`],
    ['url', 'a%22b%5Cc%26%27%3C%C3%A9'],
    ['xml', String.raw`a&quot;b\c&amp;&apos;&lt;é`],
    ['base64', Buffer.from(String.raw`a"b\c&'<é`).toString('base64')],
  ])('writes a value as %s', (encoding, wantWritten) => {
    const secret = String.raw`a"b\c&'<é`;
    const format = formatOf(`{{clientId}}\n{{clientSecret|${encoding}}}`);
    const bytes = bytesOf(format.encode(clientCredential('id', secret), undefined));
    expect(bytes.revealText()).toBe(`id\n${wantWritten}`);
  });

  it.each<[what: string, text: string, wantState: string]>([
    ['empty places', 'id=\nsecret=\n', 'absent'],
    ['empty places without the last line break', 'id=\nsecret=', 'absent'],
    ['half a client', 'id=a\nsecret=\n', 'other'],
    ['other fixed text', 'ID=a\nsecret=b\n', 'other'],
    ['more text behind it', 'id=a\nsecret=b\nmore=c\n', 'other'],
    ['less text', 'id=a', 'other'],
    ['line breaks of another system', 'id=a\r\nsecret=b\r\n', 'other'],
    ['more line breaks at the end', 'id=a\nsecret=b\n\n\r\n', 'credential'],
  ])('finds in %s what is there', (_, text, wantState) => {
    const format = formatOf('id={{clientId}}\nsecret={{clientSecret}}\n');
    expect(format.decode(new SecretBytes(text)).state).toBe(wantState);
  });

  it.each<[what: string, text: string]>([
    ['base64 that nobody writes', 'a\nYQ\nx'],
    ['an escape that is none', 'a\nYQ==\n\\q'],
  ])('takes %s for something else', (_, text) => {
    const format = formatOf('{{clientId}}\n{{clientSecret|base64}}\n{{clientId|json}}');
    expect(format.decode(new SecretBytes(text)).state).toBe('other');
  });

  it('takes a value that stands twice and differs for something else', () => {
    const format = formatOf('{{token}} {{token}}');
    expect(format.decode(new SecretBytes('one one')).state).toBe('credential');
    expect(format.decode(new SecretBytes('one two')).state).toBe('other');
  });

  it('reads the credential whatever stands at the places of details', () => {
    const format = formatOf('{{account}}\n{{account}}\n{{token}} {{organisation|base64}}');
    const decoded = format.decode(new SecretBytes('one\nanother\nabc no'));
    expect(fingerprintIn(decoded)).toBe(fingerprintOf(tokenCredential('abc')));
  });
});

describe('a template from which the credential cannot be read back', () => {
  it.each<[what: string, text: string, wantLine: number, wantWhy: RegExp]>([
    ['has no field of a credential', 'a\n{{account}}', 2, /no credential could be read back: it needs/],
    ['is empty', '', 1, /no credential could be read back/],
    ['has half a client', '{{clientId}}', 1, /needs \{\{token\}\}, or both/],
    ['mixes two kinds', '{{token}}\n{{clientId}}', 1, /a token beside a client id/],
    [
      'has no end of a token',
      'a\nb="{{token}}"',
      2,
      /\{\{token\}\} could not be read back.*"\\"", which follows/,
    ],
    [
      'has no end of a secret',
      '{{clientId}}\n{{clientSecret}} # x',
      2,
      /" ", which follows, may be part of it/,
    ],
    ['has no end of a detail', '{{account}}:{{token}}', 1, /\{\{account\}\} could not be read back/],
    ['has two fields at once', '\n\n{{clientId}}{{clientSecret}}', 3, /\{\{clientSecret\}\} follows at once/],
    ['ends json with a backslash', '"{{token|json}}\\', 1, /followed by a double quote or a line break/],
    ['ends base64 with an equals sign', '{{token|base64}}=', 1, /may be part of it/],
    ['ends a URL with a percent sign', '{{token|url}}%', 1, /may be part of it/],
    ['ends XML with an ampersand', '{{token|xml}}&', 1, /may be part of it/],
    ['names something unknown', '{{tokn}}', 1, /\{\{tokn\}\} names nothing; allowed: token, clientId/],
    ['names an unknown encoding', '{{token|yaml}}', 1, /no such encoding; allowed: json, url, base64, xml/],
    ['has a placeholder that does not end', '{{token}}\n{{ token }', 2, /begins a placeholder/],
    ['begins with a byte order mark', '\uFEFF{{token}}', 1, /byte order mark/],
  ])('is refused with line and reason where it %s', (_, text, wantLine, wantWhy) => {
    const parsed = parseTemplate(text);
    const problem = parsed.ok ? 'none' : parsed.problem;
    expect(problem).toMatch(new RegExp(`^line ${wantLine} of the template: `));
    expect(problem).toMatch(wantWhy);
    expect(template.schema.safeParse({ text }).success).toBe(false);
  });

  it('is every one of which a text could have come from two credentials: all that are taken read back the same', () => {
    let taken = 0;
    fc.assert(
      fc.property(
        anyTemplate(),
        anyCredential('token'),
        anyCredential('client'),
        anyDetails(),
        (text, token, client, details) => {
          if (!parseTemplate(text).ok) return;
          taken += 1;
          const format = formatOf(text);
          const credential = format.carries.includes('token') ? token : client;
          const bytes = bytesOf(format.encode(credential, undefined, details));
          expect(fingerprintIn(format.decode(bytes))).toBe(fingerprintOf(credential));
        },
      ),
      { numRuns: 3_000 },
    );
    expect(taken).toBeGreaterThan(100);
  });
});

describe('the options of a template', () => {
  it('name the details that it writes', () => {
    const options = template.schema.parse({ text: '{{token}}\n{{account}}\n{{expiresAt}}' });
    expect(template.create(options).details).toEqual(['expiresAt', 'account']);
  });
});

function formatOf(text: string): Format {
  return template.create(template.schema.parse({ text }));
}

/** Templates of all sorts, many of which are refused. */
function anyTemplate(): fc.Arbitrary<string> {
  const names = ['token', 'token', 'clientId', 'clientSecret', ...DETAIL_NAMES];
  const placeholder = fc
    .tuple(fc.constantFrom(...names), fc.constantFrom('', '', '|json', '|url', '|base64', '|xml'))
    .map(([name, encoding]) => `{{${name}${encoding}}}`);
  const fixed = fc.oneof(
    fc.constantFrom('\n', ' ', '"', '":"', '<', ',', ':', '@', '\\', '\r\n', '\t', '}', '', '%', '&'),
    fc.string({ maxLength: 4 }),
  );
  const lines = fc.array(fc.oneof(placeholder, fixed), { maxLength: 4 }).map((pieces) => pieces.join(''));
  const credential = fc.constantFrom('{{token}}', '{{clientId}}\n{{clientSecret}}', '"{{token|json}}"', '');
  return fc.tuple(lines, credential, lines).map((pieces) => pieces.join('\n'));
}
