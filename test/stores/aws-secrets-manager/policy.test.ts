// The policies that are handed out allow what the store calls, and nothing else.

import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

const CALLS = 'src/stores/aws-secrets-manager/api.ts';

interface Policy {
  readonly Version: string;
  readonly Statement: readonly { readonly Action: string | readonly string[]; readonly Resource?: string }[];
}

describe('the policies for AWS', () => {
  it('allow each action that the store calls, and tagging what it creates', async () => {
    const called = (await readFile(CALLS, 'utf8')).matchAll(/'(secretsmanager:\w+)'/g);
    const want = new Set([...called].map(([, action = '']) => action));
    want.add('secretsmanager:TagResource');
    const allowed = [...(await actionsIn('policy.json')), ...(await actionsIn('policy-create.json'))];
    expect(allowed.filter((action) => action.startsWith('secretsmanager:')).toSorted()).toEqual(
      [...want].toSorted(),
    );
  });

  it('let nobody create secrets unless that is added', async () => {
    expect(await actionsIn('policy.json')).not.toContain('secretsmanager:CreateSecret');
  });

  it('name no action by a wildcard, and each secret with its six random characters', async () => {
    for (const name of (await readdir('deploy/aws')).filter((file) => file.endsWith('.json'))) {
      const policy = await policyIn(name);
      expect(policy.Version).toBe('2012-10-17');
      for (const { Action, Resource } of policy.Statement) {
        expect(String(Action)).not.toContain('*');
        if (Resource?.includes(':secretsmanager:')) expect(Resource).toMatch(/-\?{6}$/);
      }
    }
  });
});

async function actionsIn(name: string): Promise<string[]> {
  return (await policyIn(name)).Statement.flatMap(({ Action }) => Action);
}

async function policyIn(name: string): Promise<Policy> {
  return JSON.parse(await readFile(`deploy/aws/${name}`, 'utf8')) as Policy;
}
