/** Accounts and credentials as a command shows them. What is secret is left out, or shown because somebody asked for it. */
import { yamlText } from '../../config/yaml-text.ts';
import { fingerprintOf } from '../../domain/credential.ts';
import type { Credential } from '../../domain/credential.ts';
import { sanitiseText } from '../../domain/credential-shapes.ts';
import type { Json, JsonObject } from '../../domain/target.ts';
import type { CollectionWords, Item } from '../../ports/administration.ts';
import { columns, fields, json } from '../text.ts';
import type { ServiceAccountOptions } from './session.ts';

export interface ShownItem {
  readonly item: Item;
  /** Name of the account of this configuration that it is. */
  readonly managedAs?: string;
}

/** An item as programs get it. `reveal`: with its secret, where the answer has it. */
function itemView({ item, managedAs }: ShownItem, reveal: boolean): JsonObject {
  const { id, name, state, credential } = item;
  return {
    id,
    ...(name === undefined ? {} : { name }),
    state,
    ...(managedAs === undefined ? {} : { managedAs }),
    ...item.fields,
    ...(credential === undefined ? {} : { fingerprint: fingerprintOf(credential) }),
    ...(credential === undefined || !reveal ? {} : revealed(credential)),
  };
}

function revealed(credential: Credential): JsonObject {
  switch (credential.kind) {
    case 'token':
      return { token: credential.token.reveal() };
    case 'client':
      return { clientId: credential.clientId, clientSecret: credential.clientSecret.reveal() };
  }
}

export function listText(
  shown: readonly ShownItem[],
  words: CollectionWords,
  output: ServiceAccountOptions['output'],
): string {
  const views = shown.map((one) => itemView(one, false));
  if (output !== 'table') return sanitiseText(written({ items: views }, output));
  // Credentials are never managed by themselves.
  const managed = views.some((view) => view['managedAs'] !== undefined);
  const headings = words.columns.map(([, heading]) => heading);
  const head = ['ID', 'NAME', 'STATE', ...headings, ...(managed ? ['MANAGED AS'] : [])];
  const rows = views.map((view) => [
    textOf(view['id']),
    textOf(view['name']),
    textOf(view['state']),
    ...words.columns.map(([field]) => textOf(view[field])),
    ...(managed ? [textOf(view['managedAs'])] : []),
  ]);
  return sanitiseText(columns(head, rows));
}

/** One item, with more lines or keys: what became of it. */
export function itemText(
  shown: ShownItem,
  {
    output,
    reveal = false,
    more = {},
  }: {
    readonly output: ServiceAccountOptions['output'];
    readonly reveal?: boolean;
    readonly more?: JsonObject;
  },
): string {
  const view = { ...itemView(shown, reveal), ...more };
  const text =
    output === 'table'
      ? fields(Object.entries(view).map(([key, value]) => [key, textOf(value)] as const))
      : written(view, output);
  return reveal ? text : sanitiseText(text);
}

function written(value: Json, output: 'json' | 'yaml'): string {
  return output === 'json' ? json(value) : yamlText(value);
}

function textOf(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string')) {
    return value.join('\n');
  }
  return JSON.stringify(value);
}
