/** `rekeyd service-accounts regenerate`, `close` and `delete`: what ends a credential that somebody may be using. */
import { holdersOf } from '../../app/administration/holders.ts';
import type { Managed } from '../../app/administration/managed.ts';
import type { Account } from '../../domain/account.ts';
import type { Item, ItemRef, Verb } from '../../ports/administration.ts';
import { EXIT } from '../../ports/host.ts';
import type { Host } from '../../ports/host.ts';
import { CommandError } from '../explain.ts';
import { confirm, mayReveal } from './asking.ts';
import { handOverNew } from './change.ts';
import { managedBy, readyDestinations } from './handing.ts';
import type { HandingOptions } from './handing.ts';
import { itemText } from './item-text.ts';
import { inSession, unstoppable, valueOf } from './session.ts';
import type { Of, Session } from './session.ts';

export interface RegenerateOptions extends HandingOptions {
  /** Of a managed account: why, for the history. */
  readonly reason?: string;
  /** Of a managed account: for how long the end of the rotation is waited for, in ms. */
  readonly wait?: number;
}

export async function regenerate(host: Host, options: RegenerateOptions, id: string): Promise<number> {
  const reveal = mayReveal(host, options);
  return await inSession(host, options, { of: 'accounts', verb: 'regenerate' }, async (session) => {
    const { words, collection, opened, signal } = session;
    const item = valueOf(await collection.read({ id }, { signal }));
    await refuseOwn(session, { id }, 'regenerate');
    const managed = await managedBy(session, options);
    const account = managed.find(opened.origin, id);
    if (account !== undefined) return await throughDaemon(session, options, { item, account });
    await using destinations = await readyDestinations(session, options, {
      kind: words.mints ?? 'token',
      managed: managed.accounts,
      owner: item,
    });
    await confirm(host, {
      lines: [...linesOf(session, { item, verb: 'regenerate', managed }), ...openingAgain(item)],
      question: `Make a new credential for ${nameOf(item)}?`,
      yes: options.yes === true,
    });
    signal.throwIfAborted();
    if (collection.regenerate === undefined) throw new Error('the words name a verb that is not there');
    const minted = valueOf(await collection.regenerate({ id }, { signal: unstoppable() }));
    const { more, code } = await handOverNew(session, destinations, { item: minted });
    const found = minted.recovered === true ? { recovered: true } : {};
    host.output.write(
      itemText({ item: minted }, { output: options.output, reveal, more: { ...found, ...more } }),
    );
    return code;
  });
}

/** Around the daemon, its targets would hold a dead credential until it looks again: so it is asked to rotate. */
async function throughDaemon(
  { host, opened }: Session,
  options: RegenerateOptions,
  { item, account }: { readonly item: Item; readonly account: Account },
): Promise<number> {
  if ((options.deliver ?? []).length > 0 || options.reveal === true) {
    throw new CommandError(
      `nothing was done: ${nameOf(item)} is managed here as ${account.name}, and its new credential goes to its targets ` +
        `(${targetsOf(account)}); leave --deliver and --reveal out`,
    );
  }
  const { reasonOf, rotate } = await import('../rotate.ts');
  const reason = reasonOf(options);
  const turns =
    account.accountIds.length > 1 ? [`It is one of a pair: the one on standby gets the new credential.`] : [];
  await confirm(host, {
    lines: [
      `${nameOf(item)} at ${opened.origin} is managed here as ${account.name}: ` +
        `the daemon rotates it and delivers to ${targetsOf(account)}.`,
      ...turns,
    ],
    question: `Have ${account.name} rotated now?`,
    yes: options.yes === true,
  });
  const { wait, socket, config } = options;
  return await rotate(
    host,
    {
      output: options.output === 'table' ? 'table' : 'json',
      reason,
      ...(wait === undefined ? {} : { wait }),
      ...(socket === undefined ? {} : { socket }),
      ...(config === undefined ? {} : { config }),
    },
    [account.name],
  ).catch((error: unknown) => {
    if (!(error instanceof CommandError)) throw error;
    throw new CommandError(
      `${account.name} is managed here and was not rotated: only its daemon may do that. ${error.message}`,
      error.exitCode,
    );
  });
}

/** `close` and `delete`. */
export async function end(
  host: Host,
  options: HandingOptions,
  asked: { readonly of: Of; readonly verb: 'close' | 'delete'; readonly ref: ItemRef },
): Promise<number> {
  const { of, verb, ref } = asked;
  return await inSession(host, options, { of, verb }, async (session) => {
    const { collection, signal } = session;
    const item = valueOf(await collection.read(ref, { signal }));
    if (verb === 'close' && item.state === 'closed') {
      host.errors.write(`${nameOf(item)} is closed already.\n`);
      host.output.write(itemText({ item }, options));
      return EXIT.ok;
    }
    await refuseOwn(session, ref, verb);
    const managed = await managedBy(session, options);
    await confirm(host, {
      lines: [
        ...linesOf(session, { item, verb, managed }),
        ...(await managedLines(session, { item, ref, verb, managed })),
        ...(of === 'credentials' ? await lastLines(session, ref) : []),
      ],
      question: `${verb === 'close' ? 'Close' : 'Delete'} ${nameOf(item)}?`,
      yes: options.yes === true,
    });
    signal.throwIfAborted();
    const asking = { signal: unstoppable() };
    const ended =
      verb === 'close' ? await collection.close?.(ref, asking) : await collection.delete?.(ref, asking);
    if (ended === undefined) throw new Error('the words name a verb that is not there');
    const closed = valueOf<Item | void>(ended);
    host.output.write(
      closed === undefined
        ? itemText({ item }, { output: options.output, more: { state: 'deleted' } })
        : itemText({ item: { ...closed, state: 'closed' } }, options),
    );
    return EXIT.ok;
  });
}

/** Whatever the answer: without its own credential the daemon could not even put it right. */
async function refuseOwn({ opened, signal, provider }: Session, ref: ItemRef, verb: Verb): Promise<void> {
  if (!valueOf(await opened.administration.isOwn(ref, { signal }))) return;
  throw new CommandError(
    `nothing was done: ${ref.id} is what rekeyd itself authenticates with at ${provider}, and to ${verb} it would lock ` +
      'rekeyd out; do it in the console, or give the provider another manager credential first',
    EXIT.held,
  );
}

/** What is about to happen, to what, and how much it was used. */
function linesOf(
  { opened, words }: Session,
  { item, verb, managed }: { readonly item: Item; readonly verb: Verb; readonly managed: Managed },
): string[] {
  const used = item.fields['apiCalls'];
  const calls =
    typeof used === 'object' && used !== null && !Array.isArray(used)
      ? Object.entries(used).toSorted(([one], [other]) => (one < other ? 1 : -1))[0]
      : undefined;
  const lastUsed = item.fields['lastUsedAt'];
  const note =
    managed.note === undefined
      ? []
      : [`Whether a daemon manages more accounts is not known: ${managed.note}.`];
  return [
    `${verb}: ${words.noun} ${nameOf(item)} at ${opened.origin}.`,
    ...(words.ends[verb] === undefined ? [] : [words.ends[verb]]),
    ...(calls === undefined ? [] : [`It made ${JSON.stringify(calls[1])} calls on ${calls[0]}.`]),
    ...(typeof lastUsed === 'string' ? [`It was last used at ${lastUsed}.`] : []),
    ...note,
  ];
}

function openingAgain({ state }: Item): string[] {
  return state === 'closed' ? ['It is closed: this opens it again.'] : [];
}

async function managedLines(
  { host, opened, config, signal }: Session,
  about: {
    readonly item: Item;
    readonly ref: ItemRef;
    readonly verb: 'close' | 'delete';
    readonly managed: Managed;
  },
): Promise<string[]> {
  const { item, ref, verb, managed } = about;
  const account = managed.find(opened.origin, ref.account ?? ref.id);
  if (account === undefined) return [];
  const clientId = item.fields['clientId'];
  if (ref.account === undefined || typeof clientId !== 'string') {
    return [
      `WARNING: it is managed here as ${account.name}. What reads ${targetsOf(account)} will be refused, ` +
        'and rekeyd cannot mint for it any more.',
      `Take it out of the configuration first${verb === 'close' ? ', or pause it' : ''}.`,
    ];
  }
  const { holding, unread } = await holdersOf(host, {
    settings: config.settings,
    stores: config.stores,
    account,
    clientId,
    signal,
  });
  return [
    `Its account is managed here as ${account.name}.`,
    ...(holding.length > 0
      ? [`WARNING: held by ${holding.join(', ')}: what reads there will be refused.`]
      : []),
    ...(unread.length > 0
      ? [`WARNING: it may be held by ${unread.join(', ')}, which could not be read.`]
      : []),
    ...(holding.length + unread.length === 0 ? ['None of its targets holds it.'] : []),
  ];
}

async function lastLines({ collection, signal }: Session, { id, account }: ItemRef): Promise<string[]> {
  for await (const page of collection.list({ signal, ...(account === undefined ? {} : { account }) })) {
    if (valueOf(page).items.some((item) => item.id !== id)) return [];
  }
  return ['WARNING: it is the last credential of its account.'];
}

function targetsOf({ targets }: Account): string {
  return targets.map(({ id }) => id).join(', ');
}

function nameOf({ id, name }: Item): string {
  return name === undefined ? id : `${id} (${name})`;
}
