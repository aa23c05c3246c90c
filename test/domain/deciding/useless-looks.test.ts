import { describe, expect, it } from 'vitest';
import { prepare } from '../../../src/domain/deciding/rotating.ts';
import { NOW, TARGET } from '../../builders/situation.ts';
import { ready } from '../../builders/pair-needs.ts';

const LOOK = { do: 'observe', account: true, manager: false, targets: [] };
const SLOW = { requestedAt: NOW - 12_000, tookMs: 12_000 };
const known = {
  targets: { [TARGET.id]: { failures: 0, accepted: false, realWrite: { at: NOW - 1_000, identity: 'me' } } },
};

function failed(failure: string, message: string) {
  return { do: 'note', facts: [{ kind: 'rotation-failed', failure, message, counts: false }] };
}

describe('a look at the account that a mint cannot rest on', () => {
  it('is not had again at once where it was too old when it came', () => {
    expect(prepare(ready({ known, account: SLOW }))).toMatchObject(
      failed(
        'no-answer',
        'the provider took 12s to show the account, and a mint needs it seen less than 10s ago',
      ),
    );
  });

  it('is had again where it has become too old since', () => {
    const account = { requestedAt: NOW - 10_000, tookMs: 9_999 };
    expect(prepare(ready({ known, account }))).toStrictEqual(LOOK);
    expect(prepare(ready({ known, account: { requestedAt: NOW - 10_000 } }))).toStrictEqual(LOOK);
  });

  it('is not had again at once where it shows what the standby had before its last turn', () => {
    expect(prepare(ready({ known: { ...known, superseded: ['green-1'] } }))).toMatchObject(
      failed(
        'answer-invalid',
        'the provider shows a credential of green that was replaced already; looking again',
      ),
    );
  });
});
