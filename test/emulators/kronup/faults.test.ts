import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import { call, callAs, outcomeOf } from './caller.ts';
import { emulate, idOf } from './emulate.ts';
import type { TestEmulator } from './emulate.ts';

function regenerate(emulator: TestEmulator, signal?: AbortSignal) {
  return call(emulator, `PUT /service-accounts/${idOf(emulator)}`, signal === undefined ? {} : { signal });
}

/** The token that another reader sees. */
async function seenToken(emulator: TestEmulator): Promise<string> {
  return (await call(emulator, `GET /service-accounts/${idOf(emulator)}`)).body.serviceToken;
}

describe('a fault of the Kronup emulator', () => {
  it('delays the effect and the answer', async () => {
    await using emulator = await emulate();
    const fault = emulator.fault({ kind: 'latency', ms: 500, method: 'PUT' });
    const answered = regenerate(emulator);
    await fault.hit;
    await emulator.clock.sleepers();
    expect(emulator.mints()).toBe(0);
    await emulator.clock.advance(500);
    expect((await answered).status).toBe(200);
    expect(emulator.mints()).toBe(1);
  });

  it('delays the answer alone', async () => {
    await using emulator = await emulate();
    emulator.fault({ kind: 'latency', ms: 500, when: 'after', method: 'PUT' });
    const answered = regenerate(emulator);
    await emulator.clock.sleepers();
    expect(emulator.mints()).toBe(1);
    const seen = await seenToken(emulator);
    await emulator.clock.advance(500);
    expect((await answered).body.serviceToken).toBe(seen);
  });

  it('answers with a status instead of the effect', async () => {
    await using emulator = await emulate();
    emulator.fault({ kind: 'status', status: 429, retryAfter: 30, times: 1 });
    const answer = await regenerate(emulator);
    expect(outcomeOf(answer)).toEqual({ status: 429, id: 'auth-api-limited' });
    expect(answer.headers.get('retry-after')).toBe('30');
    expect(emulator.mints()).toBe(0);
    expect((await regenerate(emulator)).status).toBe(200);
  });

  it('answers with a status after the effect', async () => {
    await using emulator = await emulate();
    emulator.fault({ kind: 'status', status: 502, when: 'after', method: 'PUT' });
    const answer = await regenerate(emulator);
    expect(answer.status).toBe(502);
    expect(answer.headers.get('content-type')).toBe('text/html');
    expect(emulator.mints()).toBe(1);
  });

  it('answers with the status, error and body that it was given', async () => {
    await using emulator = await emulate();
    emulator.fault({ kind: 'status', status: 401, id: 'jwt-public-key', times: 1 });
    emulator.fault({
      kind: 'status',
      status: 503,
      body: { down: true },
      headers: { via: 'proxy' },
      times: 1,
    });
    emulator.fault({ kind: 'status', status: 500, body: 'oops', times: 1 });
    expect(outcomeOf(await call(emulator, 'GET /account'))).toEqual({ status: 401, id: 'jwt-public-key' });
    const second = await call(emulator, 'GET /account');
    expect([second.status, second.body, second.headers.get('via')]).toEqual([503, { down: true }, 'proxy']);
    expect((await call(emulator, 'GET /account')).text).toBe('oops');
  });

  const ids = { 400: 'invalid-argument-body', 401: 'auth-api-expired', 403: 'not-allowed', 404: 'not-found' };
  for (const [status, id] of Object.entries(ids)) {
    it(`answers a ${status} with the error that goes with it`, async () => {
      await using emulator = await emulate();
      emulator.fault({ kind: 'status', status: Number(status) });
      expect(outcomeOf(await call(emulator, 'GET /account'))).toEqual({ status: Number(status), id });
    });
  }

  it('loses the answer before the effect, which then never happens', async () => {
    await using emulator = await emulate();
    const old = await seenToken(emulator);
    const fault = emulator.fault({ kind: 'lost-answer', when: 'before', method: 'PUT' });
    await expect(regenerate(emulator)).rejects.toThrow('fetch failed');
    await fault.done;
    expect(await seenToken(emulator)).toBe(old);
  });

  it('loses the answer after the effect', async () => {
    await using emulator = await emulate();
    const old = await seenToken(emulator);
    emulator.fault({ kind: 'lost-answer', when: 'after', method: 'PUT' });
    await expect(regenerate(emulator)).rejects.toThrow('fetch failed');
    expect(await seenToken(emulator)).not.toBe(old);
    expect(emulator.mints()).toBe(1);
  });

  it('loses the answer at once and lets the effect come late', async () => {
    await using emulator = await emulate();
    const old = await seenToken(emulator);
    const fault = emulator.fault({ kind: 'late-effect', ms: 60_000, method: 'PUT' });
    await expect(regenerate(emulator)).rejects.toThrow('fetch failed');
    await emulator.clock.sleepers();
    expect(await seenToken(emulator)).toBe(old);
    await emulator.clock.advance(60_000);
    await fault.done;
    expect(await seenToken(emulator)).not.toBe(old);
  });

  it('lets an effect go on whose caller has gone away', async () => {
    await using emulator = await emulate();
    const fault = emulator.fault({ kind: 'latency', ms: 500, method: 'PUT' });
    const leaving = new AbortController();
    const answered = regenerate(emulator, leaving.signal);
    await emulator.clock.sleepers();
    leaving.abort();
    await expect(answered).rejects.toThrow('aborted');
    await emulator.clock.advance(500);
    await fault.done;
    expect(emulator.mints()).toBe(1);
  });

  it('cuts the body in half, after the effect', async () => {
    await using emulator = await emulate();
    emulator.fault({ kind: 'cut-body', method: 'PUT' });
    await expect(regenerate(emulator)).rejects.toThrow('terminated');
    expect(emulator.mints()).toBe(1);
  });

  it('lets the body trickle', async () => {
    await using emulator = await emulate();
    const fault = emulator.fault({ kind: 'trickle', everyMs: 1_000, bytes: 100, method: 'PUT' });
    const answered = regenerate(emulator);
    let pieces = 0;
    const over = fault.done.then(() => true);
    while (!(await Promise.race([over, emulator.clock.sleepers().then(() => false)]))) {
      await emulator.clock.advance(1_000);
      pieces += 1;
    }
    expect(pieces).toBeGreaterThan(5);
    const answer = await answered;
    expect(answer.body.serviceToken).toBe(await seenToken(emulator));
  });

  it('refuses every call of one caller until it is lifted', async () => {
    await using emulator = await emulate();
    const fault = emulator.fault({ kind: 'refused-caller', caller: 'manager' });
    const refused = { status: 401, id: 'auth-api-expired' };
    expect(outcomeOf(await call(emulator, 'GET /account'))).toEqual(refused);
    expect(outcomeOf(await regenerate(emulator))).toEqual(refused);
    expect((await callAs(emulator, idOf(emulator), 'GET /account')).status).toBe(200);
    fault.lift();
    expect((await call(emulator, 'GET /account')).status).toBe(200);
  });

  it('refuses the token that is live now, and accepts the next one', async () => {
    await using emulator = await emulate();
    emulator.fault({ kind: 'refused-token', caller: idOf(emulator), id: 'auth-api-invalid' });
    const refused = await callAs(emulator, idOf(emulator), 'GET /account');
    expect(outcomeOf(refused)).toEqual({ status: 401, id: 'auth-api-invalid' });
    await regenerate(emulator);
    expect((await callAs(emulator, idOf(emulator), 'GET /account')).status).toBe(200);
  });

  it('sends the right answer under a wrong content type', async () => {
    await using emulator = await emulate();
    emulator.fault({ kind: 'content-type', method: 'PUT', times: 1 });
    const answer = await regenerate(emulator);
    expect(answer.headers.get('content-type')).toBe('text/html');
    expect(answer.text).toContain(await seenToken(emulator));
  });

  it('sends another text under a content type', async () => {
    await using emulator = await emulate();
    emulator.fault({ kind: 'content-type', contentType: 'application/json', text: '{"id":' });
    await expect(call(emulator, 'GET /account')).rejects.toThrow('JSON');
  });

  it('answers a mint with another account', async () => {
    await using emulator = await emulate();
    emulator.fault({ kind: 'other-account', method: 'PUT' });
    const answer = await regenerate(emulator);
    expect(answer.body.id).toBe(idOf(emulator, 1));
    expect(answer.body.serviceToken).toBe((await emulator.liveToken(idOf(emulator, 1))).reveal());
    expect([emulator.mints(idOf(emulator)), emulator.mints(idOf(emulator, 1))]).toEqual([1, 0]);
  });

  it('says of a token that it belongs to the account that is named', async () => {
    await using emulator = await emulate();
    emulator.fault({ kind: 'other-account', operation: 'accountRead', answerId: idOf(emulator, 2) });
    const { body } = await callAs(emulator, idOf(emulator), 'GET /account');
    expect(body.id).toBe(idOf(emulator, 2));
    expect(body).not.toHaveProperty('serviceToken');
  });

  it('answers a mint with a token of another organisation', async () => {
    await using emulator = await emulate();
    emulator.fault({ kind: 'other-organisation', method: 'PUT' });
    const claims = decodeJwt((await regenerate(emulator)).body.serviceToken);
    expect(claims).toMatchObject({ org_id: 'ffffffffffffffffffffffff', sub: idOf(emulator) });
  });

  it('answers a mint with the token as before, which stays live', async () => {
    await using emulator = await emulate();
    const old = await seenToken(emulator);
    emulator.fault({ kind: 'same-token', method: 'PUT' });
    expect((await regenerate(emulator)).body.serviceToken).toBe(old);
    expect((await callAs(emulator, idOf(emulator), 'GET /account')).status).toBe(200);
    expect(emulator.mints()).toBe(0);
  });

  it('replaces fields of an answer and leaves others out', async () => {
    await using emulator = await emulate();
    emulator.fault({
      kind: 'rewrite',
      set: { id: 7 },
      omit: ['serviceToken'],
      operation: 'serviceAccountRead',
    });
    const { body } = await call(emulator, `GET /service-accounts/${idOf(emulator)}`);
    expect(body).toMatchObject({ id: 7, userName: 'billing-api' });
    expect(body).not.toHaveProperty('serviceToken');
  });

  it('strikes together with others', async () => {
    await using emulator = await emulate();
    emulator.fault({ kind: 'latency', ms: 500, when: 'after', method: 'PUT' });
    emulator.fault({ kind: 'cut-body', method: 'PUT' });
    const answered = regenerate(emulator);
    answered.catch(() => undefined);
    await emulator.clock.sleepers();
    await emulator.clock.advance(500);
    await expect(answered).rejects.toThrow('terminated');
  });

  it('that settles how a request ends leaves the next request to the next fault', async () => {
    await using emulator = await emulate();
    emulator.fault({ kind: 'status', status: 500, times: 1 });
    emulator.fault({ kind: 'status', status: 503, times: 1 });
    expect([(await regenerate(emulator)).status, (await regenerate(emulator)).status]).toEqual([500, 503]);
  });

  it('about one account leaves the others alone', async () => {
    await using emulator = await emulate();
    emulator.fault({ kind: 'status', status: 500, accountId: idOf(emulator) });
    expect((await regenerate(emulator)).status).toBe(500);
    expect((await callAs(emulator, idOf(emulator), 'GET /account')).status).toBe(500);
    expect((await call(emulator, `PUT /service-accounts/${idOf(emulator, 1)}`)).status).toBe(200);
  });

  it('does not keep the emulator from ending while somebody waits', async () => {
    const emulator = await emulate();
    const late = emulator.fault({ kind: 'late-effect', ms: 60_000, method: 'DELETE' });
    emulator.fault({ kind: 'latency', ms: 60_000, method: 'PUT' });
    const closed = call(emulator, `DELETE /service-accounts/${idOf(emulator)}`);
    const answered = regenerate(emulator);
    const outcomes = Promise.allSettled([closed, answered]);
    await emulator.clock.sleepers(2);
    await emulator[Symbol.asyncDispose]();
    await late.done;
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(emulator.mints()).toBe(0);
  });

  it('that is none is refused', async () => {
    await using emulator = await emulate();
    expect(() => emulator.fault({ kind: 'latency', ms: -1 })).toThrow('ms');
  });
});
