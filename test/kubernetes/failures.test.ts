import { describe, expect, it } from 'vitest';
import { answerFailure } from '../../src/kubernetes/failures.ts';

const doing = { action: 'writing', verb: 'patch', where: 'the Secret payments/token' };

/** An admission webhook gives both texts, and has seen the whole Secret. */
function failure(reason: string, status = 422) {
  return answerFailure({ status, body: { kind: 'Status', reason, message: 'no' } }, doing).failure;
}

describe('the reason that an API server gives', () => {
  it.each(['Invalid', 'AlreadyExists', 'UnsupportedMediaType'])('is shown where it is one: %s', (reason) => {
    expect(failure(reason)).toMatchObject({ id: reason });
    expect(failure(reason).message).toContain(`(${reason}, status 422)`);
  });

  it.each(['Zk3v9QmT1xLw7BcR5nYd8HsG2fJp6Ka', 'the value is hunter2', 'x'.repeat(41)])(
    'is left out where it could be a credential, or have one in it: %s',
    (reason) => {
      for (const status of [401, 404, 409, 422, 429, 500]) {
        expect(failure(reason, status)).not.toHaveProperty('id');
        expect(failure(reason, status).message).not.toContain(reason);
      }
    },
  );
});
