import { describe, expect, it } from 'vitest';
import { mayBeSecret, quotedWords, sanitiseText } from '../../src/domain/credential-shapes.ts';
import { Secret } from '../../src/domain/secret.ts';

describe('a text that somebody wrote in a wrong place', () => {
  it.each([
    ['a word', 'every-day', false],
    ['a long word', 'Internationalisation', false],
    ['a long number', '20260105120000000', false],
    ['words and numbers of their own', 'production-2026-01-05-billing', false],
    ['15 letters and digits', 'abcdefgh1234567', false],
    ['16 letters and digits', 'abcdefgh12345678', true],
    ['16 letters and digits among words', 'the one: abcdefgh12345678', true],
    ['the same after a run without digits', 'abcdefghabcdefgh abcdefgh12345678', true],
    ['base64', 'ab+/ab+/ab+/123=', true],
    ['a login', 'me@example.com', true],
    ['a URL', 'https://a.b', true],
    ['40 characters', 'x '.repeat(20), false],
    ['41 characters', `${'x '.repeat(20)}x`, true],
    ['nothing', '', false],
  ])('that is %s may be a credential: %s', (_name, text, want) => {
    expect(mayBeSecret(text)).toBe(want);
  });
});

describe('a text that is shown', () => {
  const KEY = '-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----';
  it.each([
    ['nothing of the kind', 'the account is closed', 'the account is closed'],
    ['a private key', `a ${KEY} b`, 'a [secret] b'],
    ['two private keys', `${KEY} and ${KEY}`, '[secret] and [secret]'],
    ['a private key of no kind', KEY.replaceAll('RSA ', ''), '[secret]'],
    ['the beginning of a private key', `a ${KEY.slice(0, 40)}`, 'a [secret]'],
    ['JWTs', 'a eyJhbGciOiJ9.eyJhIjoxfQ.c2ln b eyJhbGciOiJ9.x.y c', 'a [secret] b [secret] c'],
    ['the head of a JWT', 'eyJabcdefgh!', '[secret]!'],
    ['too little for a JWT', 'eyJabcdefg', 'eyJabcdefg'],
    ['no more than a JWT', 'eyJabcdefgh.a.b.c', '[secret].c'],
    ['JWTs in base64', 'a ZXlKaGJHY2lPaUo5LmV5== b ZXlKaGJHY2lPaUo5LmV5 c', 'a [secret] b [secret] c'],
    ['too little for base64', 'ZXlKabcdefghijklmno', 'ZXlKabcdefghijklmno'],
    ['all padding', 'ZXlKabcdefghijklmnop===', '[secret]='],
    ['our own tokens', 'rekeyd_token_abcdefgh-2345678 rekeyd_token_abcdefgh12345678.', '[secret] [secret].'],
    ['too little for a token of ours', 'rekeyd_token_abcdefgh1234567', 'rekeyd_token_abcdefgh1234567'],
    ['another token of ours', 'xrekeyd_token_abcdefgh12345678', 'xrekeyd_token_abcdefgh12345678'],
    ['headers', 'Bearer abcdefgh12345678== basic\tabcdefgh.~+/5678', 'Bearer [secret] basic [secret]'],
    ['no header', 'bearer of good news', 'bearer of good news'],
    ['no header either', 'forbearer abcdefgh12345678', 'forbearer abcdefgh12345678'],
    [
      'parameters of a URL',
      '/x?a=1&Access_Token=abc&b=2 /y?password=x&client_secret=y /z?apikey=1&api_key=2"',
      '/x?a=1&Access_Token=[secret]&b=2 /y?password=[secret]&client_secret=[secret] /z?apikey=[secret]&api_key=[secret]"',
    ],
    ['a parameter whose name goes on', '?token_hint=abc&b=2', '?token_hint=[secret]&b=2'],
    ['a signature', "'/x?X-Amz-Signature=abc' and more", "'/x?X-Amz-Signature=[secret]' and more"],
    ['an empty parameter', '?token=&b=2', '?token=&b=2'],
    ['no parameter', 'token=abc', 'token=abc'],
    [
      'logins',
      'a https://me:you@host/ b https://:you@host/',
      'a https://[secret]@host/ b https://[secret]@host/',
    ],
    ['no password', 'https://me@host/ //host:80/a@b', 'https://me@host/ //host:80/a@b'],
    ['no login', 'https://host:80/ me:you@host', 'https://host:80/ me:you@host'],
  ])('with %s has no credential in it', (_name, text, want) => {
    expect(sanitiseText(text)).toBe(want);
  });

  it.each([
    ['names without a value', '?token'],
    ['beginnings of parameters', '&'],
    ['question marks', '?'],
    ['logins', '//a:'],
    ['private keys', '-----BEGIN PRIVATE KEY-----'],
    ['ends of private keys', '-----END '],
    ['headers', 'basic '],
    ['JWTs', 'eyJ'],
  ])('is looked through at once, however many %s somebody puts into it', (_name, part) => {
    const text = part.repeat(Math.floor(6_000 / part.length));
    const from = performance.now();
    sanitiseText(text);
    expect(performance.now() - from).toBeLessThan(1_000);
  });

  it('has a parameter taken out that begins within another one', () => {
    const text = '/login?next=/x?token=abc&b=2 ?a?b?x_token=abc';
    expect(sanitiseText(text)).toBe('/login?next=/x?token=[secret]&b=2 ?a?b?x_token=[secret]');
  });

  it('has no living secret in it either, whatever its shape', () => {
    const secret = new Secret('correct horse battery');
    expect(sanitiseText(`it said: ${secret.reveal()}!`)).toBe('it said: [secret]!');
  });
});

describe('somebody else’s words in a message of ours', () => {
  it.each([
    ['stand on one line', '  no such\n\t secret \r\n', 'no such secret'],
    ['are at most 300 characters', 'word '.repeat(61), 'word '.repeat(60)],
    ['have no name that is longer than any', '-'.repeat(1_000_000), '[secret]'],
    ['have no credential in them', 'Bearer  abcdefgh12345678 is wrong', 'Bearer [secret] is wrong'],
    ['have no long text at random in them', `got ${'0a1b2c3d'.repeat(4)}.`, 'got [secret].'],
    ['have none in base64', 'got "AJZgAugtjf8cP9bvYTWg/kaw+MMMcaq="', 'got "[secret]"'],
    ['have none that is short from / to -', 'HdNzPN/ROboITc-dEzJa3G_wVpNi', '[secret]'],
    ['have none for a URL', 'HdNzPN%2FROboITcdEzJa3Gpw%3D', '[secret]'],
    ...[
      'secrets "a" is forbidden: User "system:serviceaccount:shop:rekeyd" cannot get resource "secrets" in API group ""',
      'ReplicaSet "checkout-7d9f8b6c5d" and the pod checkout-frontend-7d9f8b6c5d-x2k9p have timed out progressing',
      'resource Deployment/shop/checkout-v2 was blocked by validate.kyverno.svc-fail of admissionregistration.k8s.io/v1',
      'no matches for /apis/external-secrets.io/v1beta1/namespaces/shop/externalsecrets at 2026-11-23T01:59:51.735Z',
      'uid mismatch: 3f2504e0-4f89-11d3-9a0c-0305e82c3301, spec.template.spec.containers[0].env[1].valueFrom',
    ].map((text): [string, string, string] => ['keep what has a name', text, text]),
    ['are nothing where there are none', undefined, ''],
  ])('%s', (_name, text, want) => {
    expect(quotedWords(text)).toBe(want);
  });
});
