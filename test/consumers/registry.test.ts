import { describe, expect, it } from 'vitest';
import { consumerEntry, CONSUMERS } from '../../src/consumers/registry.ts';

describe('the registry of connections to consumers', () => {
  it('finds each kind by its name, and no other', () => {
    expect(CONSUMERS.map(({ kind }) => consumerEntry(kind)?.kind)).toEqual(['kubernetes', 'webhook']);
    expect(consumerEntry('smoke-signals')).toBeUndefined();
  });

  it('knows for each action who does it', () => {
    const actions = CONSUMERS.flatMap((entry) => entry.actions);
    expect(new Set(actions)).toEqual(new Set(['restart', 'forceSync', 'webhook']));
  });
});
