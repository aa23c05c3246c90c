import { describe, expect, it } from 'vitest';
import { BASE, configFolder } from './config-world.ts';

const HASH = `sha256:${'a1'.repeat(32)}`;

function read(api: string) {
  using folder = configFolder({ 'rekeyd.yaml': `${BASE}\napi: ${api}\n` });
  const outcome = folder.read();
  return {
    problems: folder.problems(),
    settings: outcome.ok ? outcome.config.settings.api : undefined,
  };
}

describe('the API on TCP', () => {
  it('is off without a token', () => {
    expect(read('{}')).toEqual({ problems: [], settings: undefined });
    expect(read('{ address: 0.0.0.0:8443 }')).toEqual({ problems: [], settings: undefined });
  });

  it('takes hashes as they are, or where they are found', () => {
    const tokens = `{ a: { role: viewer, hash: '${HASH}' }, b: { role: operator, hash: { file: /h } } }`;
    const { problems, settings } = read(`{ tokens: ${tokens} }`);
    expect(problems).toEqual([]);
    expect(settings).toEqual({
      address: { host: '127.0.0.1', port: 8081 },
      tokens: [
        { name: 'a', role: 'viewer', hash: HASH },
        { name: 'b', role: 'operator', hash: { file: '/h' } },
      ],
    });
  });

  it('refuses a token in place of its hash, and does not repeat it', () => {
    const token = 'rekeyd_token_hunter2hunter2hunter2hunter2';
    const [problem = ''] = read(`{ tokens: { a: { role: viewer, hash: ${token} } } }`).problems;
    expect(problem).toContain('api.tokens.a.hash');
    expect(problem).not.toContain('hunter2');
  });

  it.each(['0.0.0.0:8443', '[::]:8443', 'rekeyd.example.com:8443'])(
    'refuses plain http from other machines: %s',
    (address) => {
      const tokens = `tokens: { a: { role: viewer, hash: '${HASH}' } }`;
      const [problem = ''] = read(`{ address: '${address}', ${tokens} }`).problems;
      expect(problem).toContain('api.address: other machines would send their tokens in the clear');
      expect(read(`{ address: '${address}', insecure: true, ${tokens} }`).problems).toEqual([]);
      const tls = 'tls: { certificate: /c, key: /k }';
      expect(read(`{ address: '${address}', ${tls}, ${tokens} }`)).toMatchObject({
        problems: [],
        settings: { tls: { certificate: '/c', key: '/k' } },
      });
    },
  );

  it('refuses one token under two names', () => {
    const tokens = `{ a: { role: viewer, hash: '${HASH}' }, b: { role: operator, hash: '${HASH}' } }`;
    const [problem = ''] = read(`{ tokens: ${tokens} }`).problems;
    expect(problem).toContain('api.tokens.b.hash: this is the token of a as well');
  });

  it('refuses a role that there is not', () => {
    const [problem = ''] = read(`{ tokens: { a: { role: admin, hash: '${HASH}' } } }`).problems;
    expect(problem).toContain('api.tokens.a.role: found "admin"; allowed: viewer, operator');
  });
});
