/**
 * The organisation in which the manager credential manages accounts: asked for once for each manager credential, by however many at
 * once.
 */
import type { Fingerprint } from '../../domain/credential.ts';
import { failed, succeeded, type Result } from '../../domain/failure.ts';
import { within } from '../http/within.ts';
import { askedOnce } from './asked-once.ts';
import type { TokenInUse } from './call.ts';
import type { KeycardClient } from './client.ts';
import type { Organisation } from './models.ts';

/** The only organisation that the credential sees; an `answer-invalid` where there are more or none. */
export async function onlyOrganisation(
  client: KeycardClient,
  where: string,
  options: { readonly signal: AbortSignal; readonly as?: TokenInUse },
): Promise<Result<Organisation>> {
  const reply = await client.organisations.page(options);
  if (!reply.ok) return reply;
  const { items, hasNext } = reply.value.value;
  const [only, second] = items;
  if (only !== undefined && second === undefined && !hasNext) return succeeded(only);
  const found = only === undefined ? 'none' : hasNext ? 'many' : String(items.length);
  return failed(
    'answer-invalid',
    `${where} was asked for the organisation of a credential, which belongs to exactly one, and named ${found}. ` +
      'Use the credential of a service account, and check baseUrl.',
  );
}

export interface Own {
  /** Id or label. */
  readonly organisation: string;
  /** Of the manager credential. */
  readonly fingerprint: Fingerprint;
}

/** With `again` the manager credential is used anew to ask. */
export type OwnOrganisation = (options: {
  readonly signal: AbortSignal;
  readonly again?: boolean;
}) => Promise<Result<Own>>;

/** What is `configured`, else what the service says. `lifetime` ends what is under way when the provider closes. */
export function ownOrganisation(
  client: KeycardClient,
  options: {
    readonly where: string;
    readonly configured: string | undefined;
    readonly lifetime: AbortSignal;
  },
): OwnOrganisation {
  const { where, configured, lifetime } = options;
  let known: Own | undefined;
  const asked = askedOnce<Result<Own>>();

  async function ask(fingerprint: Fingerprint): Promise<Result<Own>> {
    const only = await onlyOrganisation(client, where, { signal: lifetime });
    if (!only.ok) return only;
    known = { organisation: configured ?? only.value.id, fingerprint };
    return succeeded(known);
  }

  return async ({ signal, again = false }) => {
    const manager = await client.manager({ signal, again });
    if (!manager.ok) return manager;
    const fingerprint = manager.value;
    if (!again && known?.fingerprint === fingerprint) return succeeded(known);
    const stopped = `${where} was not asked for the organisation of the manager credential: it was stopped.`;
    return (
      (await within(
        asked(fingerprint, () => ask(fingerprint)),
        signal,
      )) ?? failed('not-connected', stopped)
    );
  };
}

/** Whether this id or label is that of the organisation. */
export function isNamed({ id, label }: Organisation, name: string): boolean {
  return name === id || name === label;
}
