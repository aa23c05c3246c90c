/** Where a credential goes that a command gets hold of: to targets that were looked at before, or to the screen if that is asked for. */
import { readDestination } from '../../app/administration/destination.ts';
import { openHandOver } from '../../app/administration/hand-over.ts';
import type { HandedOver, HandOver } from '../../app/administration/hand-over.ts';
import { managedAccounts } from '../../app/administration/managed.ts';
import { OpenError } from '../../app/open-error.ts';
import type { Account } from '../../domain/account.ts';
import { fingerprintOf } from '../../domain/credential.ts';
import type { Credential } from '../../domain/credential.ts';
import { detailsOf } from '../../domain/details.ts';
import type { JsonObject, Target } from '../../domain/target.ts';
import type { Item } from '../../ports/administration.ts';
import { EXIT } from '../../ports/host.ts';
import { CommandError } from '../explain.ts';
import { unstoppable } from './session.ts';
import type { ServiceAccountOptions, Session } from './session.ts';

export interface HandingOptions extends ServiceAccountOptions {
  /** Destinations, as `STORE:ADDRESS[#KEY]` or a mapping. */
  readonly deliver?: readonly string[];
  readonly overwrite?: boolean;
  readonly reveal?: boolean;
  readonly yes?: boolean;
}

/** Whose credential may be written over: that of an account, by the credential that is shown, or by what the provider says. */
export type Owner = Pick<Item, 'id' | 'credential'> & { readonly account?: string };

/** Accounts that are managed here. The daemon, else its journal, knows of more than the configuration. */
export async function managedBy(
  { host, config, configured }: Session,
  { socket }: ServiceAccountOptions,
): ReturnType<typeof managedAccounts> {
  return await managedAccounts(host, config, {
    configured,
    ...(socket === undefined ? {} : { socketPath: socket }),
  });
}

/**
 * Looks at all destinations before anything happens; `undefined` where there are none. `owner`: whose credential may be written over.
 * Rejects with `CommandError` where one is not ready.
 */
export async function readyDestinations(
  session: Session,
  options: HandingOptions,
  about: {
    readonly kind: Credential['kind'];
    readonly managed: readonly Account[];
    readonly owner?: Owner;
  },
): Promise<HandOver | undefined> {
  const { host, config, signal } = session;
  const targets = (options.deliver ?? []).map((text) => targetOf(text, session, about.managed));
  if (targets.length === 0) return undefined;
  // Now: whatever could go wrong afterwards would cost what was made.
  await session.opened.provider();
  const twice = targets.find(({ location }, index) =>
    targets.slice(0, index).some((other) => other.location === location),
  );
  if (twice !== undefined) throw new CommandError(`nothing was done: --deliver ${twice.id} is given twice`);
  const handOver = await openHandOver(host, config.settings, { stores: config.stores, targets }).catch(
    (error: unknown) => {
      if (error instanceof OpenError) throw error;
      const why = error instanceof Error ? error.message : String(error);
      throw new CommandError(`nothing was done: ${why}`, EXIT.failed);
    },
  );
  const problems = await handOver.problems(
    {
      kind: about.kind,
      overwrite: options.overwrite === true,
      isOurs: (credential) => belongsTo(session, credential, about.owner),
    },
    { signal },
  );
  if (problems.length === 0) return handOver;
  await handOver[Symbol.asyncDispose]();
  throw new CommandError(
    `nothing was done, because the credential could not be delivered:\n${problems.map((line) => `  ${line}`).join('\n')}`,
    EXIT.failed,
  );
}

function targetOf(text: string, { config, connection }: Session, accounts: readonly Account[]): Target {
  const read = readDestination(text, { provider: connection, stores: config.stores, accounts });
  if (read.ok) return read.target;
  throw new CommandError(`nothing was done: --deliver ${text}: ${read.why}`);
}

/** The one that is shown, or another one that the provider says is of the same account. */
async function belongsTo(
  { opened, signal }: Session,
  credential: Credential,
  owner: Owner | undefined,
): Promise<boolean> {
  if (owner === undefined) return false;
  if (owner.credential !== undefined && fingerprintOf(owner.credential) === fingerprintOf(credential))
    return true;
  const provider = await opened.provider();
  const accountId = owner.account ?? owner.id;
  const proof = await provider.prove(credential, { account: { organisation: '', accountId }, signal });
  return proof.ok && proof.value.accountId === accountId;
}

/** What to do where a credential that is there now could not be delivered everywhere. */
export type Advice = (undelivered: readonly string[]) => string;

export interface Handed {
  /** For the answer. */
  readonly more: JsonObject;
  readonly code: number;
}

/** Delivers; on a terminal a person may have it tried again for as long as they like, because the credential is still in memory. */
export async function handOver(
  { host, opened, signal }: Session,
  to: HandOver,
  about: {
    readonly item: Item;
    readonly account?: string | undefined;
    readonly credential: Credential;
    readonly advice: Advice;
  },
): Promise<Handed> {
  const { item, credential, advice } = about;
  const provider = await opened.provider();
  const { tokenEndpoint } = provider;
  const policy = {
    name: item.name ?? item.id,
    accountIds: [about.account ?? item.id] as const,
    organisation: '',
    origin: opened.origin,
  };
  const details = detailsOf(policy, { tokenEndpoint, ...provider.lifetimeOf(credential) });
  for (;;) {
    const handed = await to.deliver(credential, { signal: unstoppable(), details });
    const missing = handed.filter(isMissing);
    const delivered = handed.filter(({ done }) => done).map(({ target }) => target);
    if (missing.length === 0) return { more: { delivered }, code: EXIT.ok };
    for (const { target, failure } of missing)
      host.errors.write(`not delivered to ${target}: ${failure.message}\n`);
    if (host.input.isTerminal && !signal.aborted) {
      const answer = await host.input.line('It is still held in memory. Try to deliver it again? [Y/n] ');
      if (!/^n(?:o)?$/i.test(answer.trim())) continue;
    }
    host.errors.write(`${advice(missing.map(({ target }) => target))}\n`);
    return {
      more: {
        delivered,
        notDelivered: missing.map(({ target, failure }) => ({ target, why: failure.message })),
      },
      code: EXIT.failed,
    };
  }
}

function isMissing(handed: HandedOver): handed is HandedOver & { readonly done: false } {
  return !handed.done;
}
