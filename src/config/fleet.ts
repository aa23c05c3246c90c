/** Compares all accounts of a configuration with one another: no two share a name, an id or a target. */
import type { AccountClaims } from './account-identity.ts';
import type { Occupied } from './account-target.ts';
import type { Flaw } from './problem.ts';

/** Where an account stands, for messages about another one. */
export interface Whereabouts {
  readonly file: string;
  readonly line: number;
}

export interface Fleet {
  readonly size: number;
  /** Adds an account and answers what it shares with those that came before. */
  add(claims: AccountClaims, where: Whereabouts): Flaw[];
  /** The same, but an account that shares something is not added. */
  addIfFree(claims: AccountClaims, where: Whereabouts): Flaw[];
  /** Whether one of its ids is that of an account that came before. */
  hasId(claims: AccountClaims): boolean;
}

interface IdHolder {
  readonly organisation: string;
  readonly where: Whereabouts;
}

interface PlaceHolder {
  readonly part: string | undefined;
  readonly paths: Occupied['paths'];
  readonly format: string;
  readonly where: Whereabouts;
}

type IdClaim = AccountClaims['ids'][number];

export function gatherFleet(): Fleet {
  const names = new Map<string, Whereabouts>();
  const ids = new Map<string, IdHolder[]>();
  const places = new Map<string, PlaceHolder[]>();
  let size = 0;
  const add = (claims: AccountClaims, where: Whereabouts): Added => {
    const undo: (() => void)[] = [];
    const flaws = [
      ...nameFlaws(names, claims.name, { where, undo }),
      ...claims.ids.flatMap((id) => idFlaws(ids, id, { where, undo })),
      ...claims.occupied.flatMap((occupied) => placeFlaws(places, occupied, { where, undo })),
    ];
    return { flaws, undo };
  };
  return {
    get size() {
      return size;
    },
    add(claims, where) {
      size += 1;
      return add(claims, where).flaws;
    },
    addIfFree(claims, where) {
      const { flaws, undo } = add(claims, where);
      if (flaws.length === 0) size += 1;
      else for (const step of undo.toReversed()) step();
      return flaws;
    },
    hasId: (claims) =>
      claims.ids.some(({ origin, organisation, accountId }) =>
        ids
          .get(`${origin}\0${accountId}`)
          ?.some(
            (held) => held.organisation === organisation || held.organisation === '' || organisation === '',
          ),
      ),
  };
}

interface Added {
  readonly flaws: Flaw[];
  /** Takes away again what was added, from the last step to the first. */
  readonly undo: readonly (() => void)[];
}

/** Where the account stands, and where each step is noted that adds something. */
interface Adding {
  readonly where: Whereabouts;
  readonly undo: (() => void)[];
}

function nameFlaws(
  names: Map<string, Whereabouts>,
  name: string | undefined,
  { where, undo }: Adding,
): Flaw[] {
  if (name === undefined) return [];
  const first = names.get(name);
  if (first === undefined) {
    names.set(name, where);
    undo.push(() => void names.delete(name));
    return [];
  }
  const message = `the name ${JSON.stringify(name)} is taken by the account at ${at(first)}; names are unique`;
  return [{ path: ['name'], at: 'value', message }];
}

/** An empty organisation may be any: it is known only when the manager credential is there. */
function idFlaws(ids: Map<string, IdHolder[]>, id: IdClaim, { where, undo }: Adding): Flaw[] {
  const { origin, organisation, accountId } = id;
  const holders = listOf(ids, `${origin}\0${accountId}`);
  const same = holders.find((holder) => holder.organisation === organisation);
  const maybe = holders.find((holder) => holder.organisation === '' || organisation === '');
  holders.push({ organisation, where });
  undo.push(() => void holders.pop());
  const other = same ?? maybe;
  if (other === undefined) return [];
  const way = same === undefined ? '; give both their organisation if they are not the same' : '';
  const message = `the same account of ${origin} stands at ${at(other.where)} already${way}`;
  return [{ path: id.path, at: 'value', message }];
}

/** A whole value shares its place with nothing; parts of one value share it with other parts. */
function placeFlaws(places: Map<string, PlaceHolder[]>, occupied: Occupied, { where, undo }: Adding): Flaw[] {
  const { place, part, paths, format, path } = occupied;
  const holders = listOf(places, place);
  const other = holders.find((holder) => holder.format !== format || overlap(holder.paths, paths));
  holders.push({ part, paths, format, where });
  undo.push(() => void holders.pop());
  if (other === undefined) return [];
  const message =
    other.part === part
      ? `the same target belongs to the account at ${at(other.where)} already; each target has one account`
      : `the same place belongs to the account at ${at(other.where)} already, and the two formats do not fit into ` +
        'one value; let both be parts of one document (format key) with keys of their own, or give one another address';
  return [{ path, at: 'value', message }];
}

/** Whether one writes what the other writes, or what lies around it or inside it. Absent: all. */
export function overlap(some: Occupied['paths'], others: Occupied['paths']): boolean {
  if (some === undefined || others === undefined) return true;
  const begins = (one: readonly string[], other: readonly string[]): boolean =>
    one.every((key, depth) => other[depth] === key);
  return some.some((one) => others.some((other) => begins(one, other) || begins(other, one)));
}

function listOf<T>(map: Map<string, T[]>, key: string): T[] {
  const known = map.get(key);
  if (known !== undefined) return known;
  const list: T[] = [];
  map.set(key, list);
  return list;
}

function at({ file, line }: Whereabouts): string {
  return `${file}:${line}`;
}
