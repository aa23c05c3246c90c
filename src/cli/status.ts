/** `rekeyd status`: how all accounts are, or all that is known of one. Changes nothing. */
import type { StatusView } from '../http/routes/status.ts';
import type { AccountView } from '../http/views.ts';
import { EXIT } from '../ports/host.ts';
import type { Host } from '../ports/host.ts';
import type { Page } from '../ports/journal.ts';
import { accountText } from './account-text.ts';
import type { CommonOptions } from './program.ts';
import { reachForReading } from './reach.ts';
import type { Reached } from './reach.ts';
import { statusText } from './status-text.ts';
import { json } from './text.ts';

export interface StatusOptions extends CommonOptions {
  readonly hold?: string;
  readonly provider?: string;
  readonly label?: readonly string[];
  readonly limit: number;
}

const PAGE_MAX = 1_000;

export async function status(host: Host, options: StatusOptions, name?: string): Promise<number> {
  await using reached = await reachForReading(host, options);
  const text = name === undefined ? await all(reached, options) : await one(host, reached, options, name);
  host.output.write(text);
  return EXIT.ok;
}

async function one(host: Host, reached: Reached, options: StatusOptions, name: string): Promise<string> {
  const path = `/v1/accounts/${encodeURIComponent(name)}`;
  const account = await reached.ask<AccountView>({ method: 'GET', path });
  return options.output === 'json' ? json(account) : accountText(account, host.clock.now());
}

async function all(reached: Reached, options: StatusOptions): Promise<string> {
  const summary = await reached.ask<StatusView>({ method: 'GET', path: '/v1/status' });
  const accounts = await list(reached, options);
  if (options.output === 'json') return json({ status: summary, accounts });
  return statusText({ summary, accounts, where: reached.where });
}

/** Page by page, up to the limit. */
async function list(reached: Reached, options: StatusOptions): Promise<Page<AccountView>> {
  const { hold, provider, label = [], limit } = options;
  const query = new URLSearchParams({
    ...(hold === undefined ? {} : { hold }),
    ...(provider === undefined ? {} : { provider }),
  });
  for (const pair of label) query.append('label', pair);
  const items: AccountView[] = [];
  let next: string | undefined;
  do {
    query.set('limit', String(Math.min(PAGE_MAX, limit - items.length)));
    if (next !== undefined) query.set('after', next);
    const path = `/v1/accounts?${query.toString()}`;
    const page = await reached.ask<Page<AccountView>>({ method: 'GET', path });
    items.push(...page.items);
    next = page.next;
  } while (next !== undefined && items.length < limit);
  return { items, ...(next === undefined ? {} : { next }) };
}
