/** Where a command hands a credential over to: read from `STORE:ADDRESS[#KEY]`, or from the words of a configured target. */
import { readTarget } from '../../config/account-target.ts';
import type { TargetSettings } from '../../config/account-schema.ts';
import type { Connection, KnownStore } from '../../config/connections.ts';
import { isMapping } from '../../config/connections.ts';
import { targetSchema } from '../../config/account-schema.ts';
import { formatPath } from '../../config/problem.ts';
import { parseYaml } from '../../config/yaml.ts';
import { check } from '../../config/zod-flaws.ts';
import type { Account } from '../../domain/account.ts';
import type { Target } from '../../domain/target.ts';
import { storeEntry } from '../../stores/registry.ts';

export type ReadDestination =
  | { readonly ok: true; readonly target: Target }
  | { readonly ok: false; readonly why: string };

/**
 * `#KEY`: a key of a JSON document, whose other keys stay as they are. A text that begins with `{` is a target as the configuration
 * has it. A target of one of the `accounts` is refused: the daemon writes it.
 */
export function readDestination(
  text: string,
  from: { readonly stores: readonly Connection[]; readonly accounts: readonly Account[] },
): ReadDestination {
  const settings = settingsOf(text);
  if (typeof settings === 'string') return { ok: false, why: settings };
  const stores = new Map<string, KnownStore>(
    from.stores.map((connection) => [connection.name, known(connection)]),
  );
  const { target, occupied, flaws } = readTarget(settings, stores, []);
  if (target === undefined || occupied === undefined) {
    const words = flaws.map(({ path, message }) =>
      path.length === 0 ? message : `${formatPath(path)}: ${message}`,
    );
    return { ok: false, why: words.join('; ') };
  }
  const writer = from.accounts.find(({ targets }) =>
    targets.some((other) => overlaps(other.location, occupied.place, occupied.part)),
  );
  if (writer === undefined) return { ok: true, target };
  const why = `rekeyd writes it itself: it is a target of the account ${writer.name}`;
  return { ok: false, why };
}

function known(connection: Connection): KnownStore {
  const entry = storeEntry(connection.kind);
  return { name: connection.name, connection, ...(entry && { entry }) };
}

/** The same place, unless both are different parts of it. */
function overlaps(location: string, place: string, part: string | undefined): boolean {
  if (location === place) return true;
  return part === undefined ? location.startsWith(`${place}#`) : location === `${place}#${part}`;
}

function settingsOf(text: string): TargetSettings | string {
  if (text.startsWith('{')) return writtenTarget(text);
  const colon = text.indexOf(':');
  const hash = text.lastIndexOf('#');
  if (colon < 1)
    return 'it is STORE:ADDRESS, STORE:ADDRESS#KEY, or a target as in the configuration: { store: …, address: … }';
  const store = text.slice(0, colon);
  if (hash < colon) return { store, address: text.slice(colon + 1) };
  const format = { kind: 'key', key: text.slice(hash + 1) };
  return { store, address: text.slice(colon + 1, hash), format };
}

function writtenTarget(text: string): TargetSettings | string {
  const parsed = parseYaml(text);
  if (!parsed.ok) return parsed.problems.map(({ message }) => message).join('; ');
  if (!isMapping(parsed.document.value)) return 'it is no mapping such as { store: aws, address: ci/token }';
  const checked = check(targetSchema, parsed.document.value);
  if (checked.ok) return checked.value;
  return checked.flaws.map(({ path, message }) => `${formatPath(path)}: ${message}`).join('; ');
}
