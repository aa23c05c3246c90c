import { describe, expect, it } from 'vitest';
import { keycardCliWorld } from './keycard-cli-world.ts';

interface Found {
  readonly scope: string;
  readonly subject: string;
  readonly check: string;
  readonly outcome: string;
  readonly message: string;
}

describe('rekeyd check at Keycard', () => {
  it('says which account cannot be looked at, and looks at all others', async () => {
    const at = await keycardCliWorld();
    const account = (name: string, index: number) => [
      `  - name: ${name}`,
      '    provider: keycard',
      `    accountId: ${at.id(index)}`,
      `    targets: [{ store: files, address: ${name}.json, format: json, consumerLag: 30s }]`,
    ];
    await at.configure([...account('ill', 0), ...account('well', 1)]);
    at.keycard.fault({ kind: 'status', status: 403, operation: 'credentialList', accountId: at.id(0) });
    const { output, errors } = await at.run('check', '-o', 'json');
    const { findings } = JSON.parse(output) as { readonly findings: readonly Found[] };
    const open = findings.filter(({ scope, check }) => scope === 'account' && check === 'open');
    expect(errors).toBe('');
    expect(open.map(({ subject, outcome }) => `${subject}: ${outcome}`)).toEqual(['ill: failed', 'well: ok']);
    expect(open[0]?.message).toContain('403');
    expect(findings.filter(({ scope, outcome }) => scope === 'provider' && outcome !== 'ok')).toEqual([]);
  });
});
