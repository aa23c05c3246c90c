/** `rekeyd service-accounts create` and `update`: what may be set is what the provider's kind lets be set. */
import { fingerprintOf } from '../../domain/credential.ts';
import { FAILURES } from '../../domain/failure.ts';
import type { Result } from '../../domain/failure.ts';
import type { CollectionWords, Item, Settable, SettableField, Values } from '../../ports/administration.ts';
import { EXIT } from '../../ports/host.ts';
import type { Host } from '../../ports/host.ts';
import { CommandError } from '../explain.ts';
import { confirm, mayReveal } from './asking.ts';
import { handOver, managedBy, readyDestinations } from './handing.ts';
import type { Advice, Handed, HandingOptions } from './handing.ts';
import { itemText } from './item-text.ts';
import { inSession, unstoppable, valueOf } from './session.ts';
import type { Of, Session } from './session.ts';

export interface ChangeOptions extends HandingOptions {
  readonly name?: string;
  readonly role?: string;
  readonly description?: string;
}

const FIELDS: readonly SettableField[] = ['name', 'role', 'description'];

export async function create(host: Host, options: ChangeOptions, of: Of, account?: string): Promise<number> {
  const reveal = mayReveal(host, options);
  return await inSession(host, options, { of, verb: 'create' }, async (session) => {
    const { words, collection, signal } = session;
    const values = valuesOf(options, words, words.create);
    const within = account === undefined ? {} : { account };
    if (words.mints === undefined) {
      refuseSecret(options, words);
      const item = made(
        await collection.create(values, { signal: unstoppable(), ...within }),
        session,
        values,
      );
      host.output.write(itemText({ item }, options));
      return EXIT.ok;
    }
    refuseLoss(options, words, reveal);
    const managed = await managedBy(session, options);
    await using destinations = await readyDestinations(session, options, {
      kind: words.mints,
      managed: managed.accounts,
      ...(account === undefined ? {} : { owner: { id: account, account } }),
    });
    signal.throwIfAborted();
    const item = made(await collection.create(values, { signal: unstoppable(), ...within }), session, values);
    const { more, code } = await handOverNew(session, destinations, { item, account });
    host.output.write(itemText({ item }, { output: options.output, reveal, more }));
    return code;
  });
}

/** Rejects with `CommandError` where it failed; where nobody knows whether it did, with how to find out. */
function made(result: Result<Item>, { of, words, provider }: Session, { name = '' }: Values): Item {
  if (result.ok) return result.value;
  if (FAILURES[result.failure.kind].effect === 'none') return valueOf(result);
  const list = `rekeyd service-accounts ${of === 'accounts' ? 'list' : 'credentials list ACCOUNT'} --provider ${provider}`;
  throw new CommandError(
    `${result.failure.message} A ${words.noun} of this name may have been made; see with: ${list} --name '${name}'`,
    EXIT.failed,
  );
}

/** A credential that was just made goes to its destinations; who asked for none is told how to have it. */
export async function handOverNew(
  session: Session,
  destinations: Awaited<ReturnType<typeof readyDestinations>>,
  { item, account }: { readonly item: Item; readonly account?: string | undefined },
): Promise<Handed> {
  const { host, words } = session;
  if (item.credential === undefined) {
    host.errors.write(`The answer shows no secret of ${item.id}; look at it in the provider's console.\n`);
    return { more: {}, code: destinations === undefined ? EXIT.ok : EXIT.failed };
  }
  const { credential } = item;
  if (destinations === undefined) {
    if (words.showsAgain) host.errors.write(`${againAdvice(session, item.id)([])}\n`);
    return { more: {}, code: EXIT.ok };
  }
  const advice = words.showsAgain ? againAdvice(session, item.id) : lostAdvice(session, item, account);
  return await handOver(session, destinations, { item, account, credential, advice });
}

function againAdvice({ provider }: Session, id: string): Advice {
  return (undelivered) => {
    const to = undelivered.length === 0 ? '--deliver STORE:ADDRESS' : '--deliver as before';
    return `Its secret can be had again: rekeyd service-accounts read ${id} --provider ${provider} ${to}`;
  };
}

function lostAdvice({ provider }: Session, { id, credential }: Item, account: string | undefined): Advice {
  const fingerprint = credential === undefined ? '' : ` (fingerprint ${fingerprintOf(credential)})`;
  return () =>
    `Its secret${fingerprint} cannot be had again where it was not delivered. Make another one, and delete this one: ` +
    `rekeyd service-accounts credentials delete ${account ?? 'ACCOUNT'} ${id} --provider ${provider}`;
}

export async function update(
  host: Host,
  options: ChangeOptions,
  of: Of,
  ref: { readonly id: string; readonly account?: string },
): Promise<number> {
  return await inSession(host, options, { of, verb: 'update' }, async (session) => {
    const { words, collection, opened, signal } = session;
    const values = valuesOf(options, words, words.update);
    if (Object.keys(values).length === 0) {
      const names = words.update.map(({ field }) => `--${field}`).join(', ');
      throw new CommandError(`say what to change of the ${words.noun}: ${names}`);
    }
    if (values.role !== undefined && valueOf(await opened.administration.isOwn(ref, { signal }))) {
      const lines = [`${ref.id} is the account that rekeyd itself authenticates with.`];
      const question = `Give it the role ${values.role}? With too little, nothing can be minted any more.`;
      await confirm(host, { lines, question, yes: options.yes === true });
    }
    const item = valueOf(await collection.update(ref, values, { signal: unstoppable() }));
    host.output.write(itemText({ item }, options));
    return EXIT.ok;
  });
}

/** Rejects with `CommandError` where something is missing, not allowed, or not known to this kind. */
function valuesOf(options: ChangeOptions, { noun }: CollectionWords, allowed: readonly Settable[]): Values {
  const values: Partial<Record<SettableField, string>> = {};
  for (const field of FIELDS) {
    const value = options[field];
    const settable = allowed.find((each) => each.field === field);
    if (value === undefined) {
      if (settable?.needed !== true) continue;
      throw new CommandError(`--${field} is missing; allowed: ${settable.allowed}`);
    }
    if (settable === undefined) {
      const known = allowed.map((each) => `--${each.field}`).join(', ');
      throw new CommandError(`--${field}: this cannot be set of a ${noun}; what can: ${known}`);
    }
    const problem = settable.problem(value);
    if (problem !== undefined) throw new CommandError(`--${field}: ${problem}; allowed: ${settable.allowed}`);
    values[field] = value;
  }
  return values;
}

function refuseSecret({ deliver = [], reveal }: HandingOptions, { noun }: CollectionWords): void {
  if (deliver.length === 0 && reveal !== true) return;
  throw new CommandError(
    `a new ${noun} has no credential yet; make one with: rekeyd service-accounts credentials create ACCOUNT`,
  );
}

function refuseLoss(
  { deliver = [] }: HandingOptions,
  { showsAgain, noun }: CollectionWords,
  reveal: boolean,
): void {
  if (showsAgain || deliver.length > 0 || reveal) return;
  throw new CommandError(
    `nothing was done: the secret of a new ${noun} is shown once and would be lost; say where it goes with ` +
      '--deliver STORE:ADDRESS, or have it shown with --reveal',
  );
}
