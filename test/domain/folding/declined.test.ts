import { describe, expect, it } from 'vitest';
import { fact, folded, RECORD_OF_ALL as ALL } from '../../builders/fact.ts';
import { NOW } from '../../builders/situation.ts';

describe('a mint that was declined', () => {
  const body = { failure: 'answer-invalid', message: 'no', sentAt: NOW - 40, counts: true } as const;

  it.each([
    ['where the failure was its own, once it is settled that it did not happen', true, [3, 4]],
    ['never where the failure was not its own', false, [3, 3]],
  ])('is held against the account %s', (_name, counts, want) => {
    const unknown = folded(ALL, fact('mint-unknown', { ...body, counts }));
    const settled = folded(unknown, fact('mint-settled', { attempt: 1 }));
    expect([unknown.failures, settled.failures]).toEqual(want);
  });

  it.each([
    ['unparked it', fact('account-unparked', {})],
    ['asked to reconcile it', fact('request-taken', { request: 'q3', does: 'reconcile' })],
    ['changed its policy', fact('policy-changed', { name: 'billing' })],
  ])('is held against the account no more where somebody %s meanwhile', (_what, asked) => {
    const unknown = folded(ALL, fact('mint-unknown', { ...body, counts: true }));
    expect(folded(folded(unknown, asked), fact('mint-settled', { attempt: 1 })).failures).toBe(0);
  });
});
