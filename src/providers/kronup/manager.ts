/** Who the daemon itself is at Kronup: asked once for each manager credential, by however many at once. */
import { fingerprintOf, type Fingerprint } from '../../domain/credential.ts';
import { failed, succeeded, type Result } from '../../domain/failure.ts';
import type { Secret } from '../../domain/secret.ts';
import type { Manager } from '../../ports/provider.ts';
import type { SecretSource } from '../../ports/settings.ts';
import { within } from '../http/within.ts';
import type { KronupClient } from './client.ts';

type Options = { readonly signal: AbortSignal; readonly again?: boolean };

/**
 * Answers from memory while the credential stays the same, unless asked `again`. `lifetime` ends what is under way when the
 * provider closes.
 */
export function managerLookup(
  client: KronupClient,
  source: SecretSource,
  lifetime: AbortSignal,
): (options: Options) => Promise<Result<Manager>> {
  let known: Manager | undefined;
  let asking: { readonly fingerprint: Fingerprint; readonly answer: Promise<Result<Manager>> } | undefined;

  async function ask(token: Secret, fingerprint: Fingerprint): Promise<Result<Manager>> {
    const reply = await client.account({ signal: lifetime });
    if (!reply.ok) return reply;
    // The call read the credential for itself: were it another one by now, this would be the wrong account's answer.
    const used = await source.read();
    if (!used.ok) return used;
    if (fingerprintOf({ kind: 'token', token: used.value }) !== fingerprint) return changed(source);
    const { id, roleOrg } = reply.value.value;
    const organisation = client.organisationOf(token);
    const role = roleOrg?.find((one) => one.orgId === organisation)?.role;
    known = { accountId: id, fingerprint, ...(role === undefined ? {} : { role }) };
    return succeeded(known);
  }

  function askOnce(token: Secret, fingerprint: Fingerprint): Promise<Result<Manager>> {
    if (asking?.fingerprint === fingerprint) return asking.answer;
    const answer = ask(token, fingerprint).finally(() => {
      if (asking?.answer === answer) asking = undefined;
    });
    asking = { fingerprint, answer };
    return answer;
  }

  return async ({ signal, again = false }) => {
    const token = await within(source.read(), signal);
    if (token === undefined) return stopped(source);
    if (!token.ok) return token;
    const fingerprint = fingerprintOf({ kind: 'token', token: token.value });
    if (!again && known?.fingerprint === fingerprint) return succeeded(known);
    return (await within(askOnce(token.value, fingerprint), signal)) ?? stopped(source);
  };
}

function changed({ description }: SecretSource): Result<never> {
  return failed(
    'not-connected',
    `The credential in ${description} was replaced while it was used. It is tried again.`,
  );
}

function stopped({ description }: SecretSource): Result<never> {
  return failed(
    'not-connected',
    `Whose the credential in ${description} is was not found out: it was stopped.`,
  );
}
