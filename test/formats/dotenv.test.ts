import { execFileSync } from 'node:child_process';
import { parseEnv } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SecretBytes } from '../../src/domain/secret.ts';
import { dotenv } from '../../src/formats/dotenv.ts';
import type { Format } from '../../src/ports/format.ts';
import { bytesOf, clientCredential, tokenCredential } from '../contract/format-contract.ts';

const TOKEN = 'eyJh.new.one';
const credential = tokenCredential(TOKEN);
const format: Format = dotenv.create(dotenv.schema.parse({ variable: 'TOKEN' }));

describe('a variable in a .env file', () => {
  it.each<[what: string, before: string, wantAfter: string]>([
    ['replaces a value', 'TOKEN=old\n', `TOKEN=${TOKEN}\n`],
    ['makes a file where none is', '', `TOKEN=${TOKEN}\n`],
    ['is added as the last line', 'A=1\n', `A=1\nTOKEN=${TOKEN}\n`],
    ['ends the last line before it adds one', 'A=1', `A=1\nTOKEN=${TOKEN}\n`],
    ['uses the line endings of the file', 'A=1\r\nB=2\r\n', `A=1\r\nB=2\r\nTOKEN=${TOKEN}\r\n`],
    ['keeps the line ending of its own line', 'TOKEN=old\r\nA=1\n', `TOKEN=${TOKEN}\r\nA=1\n`],
    ['keeps a last line without an ending', 'A=1\nTOKEN=old', `A=1\nTOKEN=${TOKEN}`],
    [
      'keeps comments, empty lines and order',
      '# one\n\nB=2\nTOKEN=old\n  # two\nA=1\n',
      `# one\n\nB=2\nTOKEN=${TOKEN}\n  # two\nA=1\n`,
    ],
    [
      'keeps export and a comment behind the value',
      'export TOKEN=old # the token\n',
      `export TOKEN=${TOKEN} # the token\n`,
    ],
    ['keeps a comment behind an empty value', 'TOKEN= # the token\n', `TOKEN=${TOKEN} # the token\n`],
    ['keeps the quotes that are there', `TOKEN="old"\nexport A='x'`, `TOKEN="${TOKEN}"\nexport A='x'`],
    ['drops quotes that readers take differently', 'TOKEN=`old`\n', `TOKEN=${TOKEN}\n`],
    ['fills in an empty value', 'TOKEN=\nA=1\n', `TOKEN=${TOKEN}\nA=1\n`],
    ['replaces a value of several lines', 'TOKEN="a\nb"\nA=1\n', `TOKEN="${TOKEN}"\nA=1\n`],
    [
      'passes over what looks like it inside another value',
      'KEY="-----\nTOKEN=x\n"\nTOKEN=old\n',
      `KEY="-----\nTOKEN=x\n"\nTOKEN=${TOKEN}\n`,
    ],
    ['is found behind a quote that is never closed', `A="\nTOKEN=old\n`, `A="\nTOKEN=${TOKEN}\n`],
    ['is found behind a lone apostrophe', `A='\nTOKEN=old\nB='x'\n`, `A='\nTOKEN=${TOKEN}\nB='x'\n`],
    ['replaces every occurrence', 'TOKEN=one\nTOKEN=two\n', `TOKEN=${TOKEN}\nTOKEN=${TOKEN}\n`],
    [
      'leaves variables with a similar name alone',
      'MY_TOKEN=a\nTOKEN_2=b\ntoken=c\n',
      `MY_TOKEN=a\nTOKEN_2=b\ntoken=c\nTOKEN=${TOKEN}\n`,
    ],
    ['keeps a byte order mark', '\uFEFFTOKEN=old\n', `\uFEFFTOKEN=${TOKEN}\n`],
    ['keeps a line that only exports', 'export TOKEN\nTOKEN=old\n', `export TOKEN\nTOKEN=${TOKEN}\n`],
  ])('%s', (_, before, wantAfter) => {
    expect(bytesOf(format.encode(credential, new SecretBytes(before))).revealText()).toBe(wantAfter);
  });

  it.each<[what: string, before: string, wantLine: number]>([
    ['JSON', '{\n"TOKEN": "old"\n}\n', 1],
    ['a token alone', 'A=1\n\neyJh.old.one\n', 3],
    ['a script', 'A="\n"\nif true; then\nTOKEN=old\nfi\n', 3],
  ])('refuses %s and names the line', (_, before, wantLine) => {
    const result = format.encode(credential, new SecretBytes(before));
    expect(result.ok ? '' : result.failure.message).toContain(`line ${wantLine} is no assignment`);
    expect(format.decode(new SecretBytes(before)).state).toBe('other');
  });

  it.each<[before: string, wantState: string]>([
    ['A=1\n', 'absent'],
    ['TOKEN=\n', 'absent'],
    ['TOKEN=""\n', 'absent'],
    ['TOKEN= # none yet\n', 'absent'],
    ['TOKEN=abc$USER\n', 'other'],
    ['TOKEN="abc$USER"\n', 'other'],
    ['TOKEN=abc#def\n', 'other'],
    ["TOKEN='abc'def\n", 'other'],
    ['TOKEN=two words\n', 'other'],
    ['TOKEN=abc\0\n', 'other'],
  ])('takes %j for %s', (before, wantState) => {
    expect(format.decode(new SecretBytes(before)).state).toBe(wantState);
  });

  it.each(['TOKEN=abc', 'export TOKEN = abc \r\n', "TOKEN='abc'", 'TOKEN="abc" # x', 'TOKEN=old\nTOKEN=abc'])(
    'reads abc from %j',
    (text) => {
      const decoded = format.decode(new SecretBytes(text));
      expect(
        decoded.state === 'credential' &&
          decoded.credential.kind === 'token' &&
          decoded.credential.token.reveal(),
      ).toBe('abc');
    },
  );
});

describe('a value in a .env file', () => {
  const client = dotenv.create(
    dotenv.schema.parse({ clientIdVariable: 'ID', clientSecretVariable: 'SECRET' }),
  );
  const printable = fc.stringMatching(/^[ -~]+$/);
  const fileWith = (secret: string): string =>
    bytesOf(
      client.encode(clientCredential('id', secret), new SecretBytes(`BEFORE='it is'\nAFTER=x\n`)),
    ).revealText() ?? '';

  it('means the same to a shell, whatever characters are in it', () => {
    fc.assert(
      fc.property(printable, (want) => {
        const script = `${fileWith(want)}printf '%s|%s|%s' "$BEFORE" "$AFTER" "$SECRET"`;
        expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' })).toBe(`it is|x|${want}`);
      }),
      { numRuns: 50 },
    );
  });

  it('means the same to Node’s own reader, unless quotes of both kinds are needed', () => {
    const simple = printable.filter((text) => !text.includes("'"));
    fc.assert(
      fc.property(simple, (want) => {
        expect(parseEnv(fileWith(want))).toEqual({ BEFORE: 'it is', AFTER: 'x', ID: 'id', SECRET: want });
      }),
    );
  });

  it('is refused where it would break the line', () => {
    expect(client.encode(clientCredential('id', 'a\nB=2'), undefined)).toMatchObject({ ok: false });
  });
});

describe('a variable in any .env file', () => {
  const word = fc.stringMatching(/^[A-Z]{1,3}$/).filter((name) => name !== 'TOKEN');
  const value = fc.oneof(fc.stringMatching(/^[ -~]*$/), fc.constantFrom('"a\nb"', `'x`, '"', "'a\nTOKEN=b'"));
  const line = fc.oneof(
    fc
      .tuple(fc.constantFrom('', 'export ', '  '), word, value)
      .map(([lead, name, text]) => `${lead}${name}=${text}`),
    fc.constantFrom('', '# note', 'TOKEN=old', 'export TOKEN="old"', '\t'),
  );
  const file = fc
    .tuple(fc.array(line), fc.constantFrom('\n', '\r\n'), fc.constantFrom('', '\n'))
    .map(([lines, lineEnd, last]) => lines.join(lineEnd) + last);

  it('leaves every line alone that does not have the token', () => {
    fc.assert(
      fc.property(file, (before) => {
        const after = bytesOf(format.encode(credential, new SecretBytes(before))).revealText() ?? '';
        const others = (text: string): string[] =>
          text.split(/\r?\n/).filter((each) => !each.includes('TOKEN='));
        expect(others(after).join('\n').trimEnd()).toBe(others(before).join('\n').trimEnd());
      }),
      { numRuns: 500 },
    );
  });

  it('reads back the token', () => {
    fc.assert(
      fc.property(file, (before) => {
        const decoded = format.decode(bytesOf(format.encode(credential, new SecretBytes(before))));
        expect(decoded.state).toBe('credential');
      }),
      { numRuns: 500 },
    );
  });
});

describe('the options of a .env file', () => {
  it('name the variable as the part', () => {
    expect(dotenv.partOf(dotenv.schema.parse({ variable: 'TOKEN' }))).toBe('TOKEN');
    expect(dotenv.partOf(dotenv.schema.parse({ clientIdVariable: 'A', clientSecretVariable: 'B' }))).toBe(
      'A,B',
    );
  });

  it.each([
    {},
    { variable: '1A' },
    { variable: 'A-B' },
    { clientIdVariable: 'A' },
    { clientIdVariable: 'A', clientSecretVariable: 'A' },
    { variable: 'A', clientIdVariable: 'B', clientSecretVariable: 'C' },
  ])('%j are refused', (options) => {
    expect(dotenv.schema.safeParse(options).success).toBe(false);
  });
});
