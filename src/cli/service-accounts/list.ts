/** `rekeyd service-accounts list`: all pages, closed accounts too. */
import { namePattern } from '../../domain/name-pattern.ts';
import { EXIT } from '../../ports/host.ts';
import type { Host } from '../../ports/host.ts';
import { progressOn } from '../progress.ts';
import { listText } from './item-text.ts';
import type { ShownItem } from './item-text.ts';
import { inSession, valueOf } from './session.ts';
import type { Of, ServiceAccountOptions } from './session.ts';

export interface ListOptions extends ServiceAccountOptions {
  /** Only those that are closed. */
  readonly closed?: boolean;
  /** Only those with such a name. */
  readonly name?: readonly string[];
}

/** `account`: of credentials. */
export async function list(host: Host, options: ListOptions, of: Of, account?: string): Promise<number> {
  return await inSession(host, options, { of, verb: 'list' }, async (session) => {
    const { opened, configured, collection, words, signal } = session;
    const isNamed = options.name === undefined ? () => true : namePattern(options.name);
    const managedAs = new Map(
      configured
        .filter(({ origin }) => of === 'accounts' && origin === opened.origin)
        .flatMap(({ accountIds, name }) => accountIds.map((id) => [id, name] as const)),
    );
    const shown = new Map<string, ShownItem>();
    let seen = 0;
    using progress = progressOn(host, 'listed', `${words.noun}s`);
    for await (const page of collection.list({ signal, ...(account === undefined ? {} : { account }) })) {
      const { items, total } = valueOf(page);
      seen += items.length;
      progress.show(seen, total ?? seen);
      for (const item of items) {
        if (options.closed === true && item.state !== 'closed') continue;
        if (!isNamed(item.name ?? '')) continue;
        const name = managedAs.get(item.id);
        shown.set(item.id, { item, ...(name === undefined ? {} : { managedAs: name }) });
      }
    }
    progress[Symbol.dispose]();
    host.output.write(listText([...shown.values()], words, options.output));
    return EXIT.ok;
  });
}
