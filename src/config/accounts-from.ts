/** Accounts that are taken by their names at a provider: what the main file says of them, and the accounts that follow from it. */
import { namePattern } from '../domain/name-pattern.ts';
import type { FoundAccount } from '../ports/journal-found.ts';
import { accountsFromSchema } from './account-schema.ts';
import { isMapping } from './connections.ts';
import type { Path } from './problem.ts';

/** One way in which accounts are taken. */
export interface AccountsFrom {
  /** Name of the provider. */
  readonly provider: string;
  readonly match: readonly string[];
  readonly except: readonly string[];
  /** With more matching accounts than this, no more are taken. */
  readonly limit: number;
  /** How often the provider is asked. */
  readonly everyMs: number;
}

export interface WrittenAccountsFrom extends AccountsFrom {
  /** As written: words with <name> and <id> in them. */
  readonly template: Readonly<Record<string, unknown>>;
  /** Where it stands in the main file. */
  readonly path: Path;
}

/** Those that are right by themselves, of what stands under `accountsFrom`: one, or a list. */
export function accountsFromOf(written: unknown): WrittenAccountsFrom[] {
  const list: readonly unknown[] = Array.isArray(written) ? written : [written];
  return list.flatMap((one, index) => {
    const parsed = accountsFromSchema.safeParse(one);
    if (!parsed.success || !isMapping(one) || !isMapping(one['template'])) return [];
    const { provider, match, except = [], limit, every } = parsed.data;
    return {
      provider,
      match: [match].flat(),
      except: [except].flat(),
      limit,
      everyMs: every,
      template: one['template'],
      path: Array.isArray(written) ? ['accountsFrom', index] : ['accountsFrom'],
    };
  });
}

/** Whether an account of this name is taken. */
export function isTakenBy({
  match,
  except,
}: Pick<AccountsFrom, 'match' | 'except'>): (name: string) => boolean {
  const matches = namePattern(match);
  const isExcepted = namePattern(except);
  return (name) => matches(name) && !isExcepted(name);
}

const NOT_IN_A_NAME = /[^A-Za-z0-9._-]+/g;
const NOT_AT_ITS_ENDS = /^[^A-Za-z0-9]+|[-]+$/g;
const NAME_LENGTH_MAX = 128;

/**
 * The name with nothing in it but letters, digits, `.`, `_` and `-`. Whoever names accounts at the provider must not be able to lead
 * a credential to an address that nobody has thought of.
 */
export function plainName({ id, name }: FoundAccount): string {
  const plain = name.replace(NOT_IN_A_NAME, '-').replace(NOT_AT_ITS_ENDS, '').slice(0, NAME_LENGTH_MAX);
  return plain === '' ? id.replace(NOT_IN_A_NAME, '-').replace(NOT_AT_ITS_ENDS, '') : plain;
}

/** The account as if somebody had written it into the configuration. */
export function accountOf(
  from: Pick<WrittenAccountsFrom, 'provider' | 'template'>,
  found: FoundAccount,
): Readonly<Record<string, unknown>> {
  const words = { id: found.id.replace(NOT_IN_A_NAME, '-'), name: plainName(found) };
  const filled = filledIn({ name: '<name>', ...from.template }, words);
  return { ...(filled as Readonly<Record<string, unknown>>), provider: from.provider, accountId: found.id };
}

function filledIn(value: unknown, words: { readonly id: string; readonly name: string }): unknown {
  if (typeof value === 'string') return value.replaceAll('<name>', words.name).replaceAll('<id>', words.id);
  if (Array.isArray(value)) return value.map((each) => filledIn(each, words));
  if (!isMapping(value)) return value;
  // The text of a format is the person's own, and may have such words in it for another reason.
  const ownText = value['kind'] === 'template' ? { text: value['text'] } : {};
  const filled = Object.entries(value).map(([key, inner]) => [key, filledIn(inner, words)] as const);
  return { ...Object.fromEntries(filled), ...ownText };
}
