/** Where a command hands a credential over to: read from `STORE:ADDRESS[#KEY]`, or from the words of a configured target. */
import { readTarget } from '../../config/account-target.ts';
import type { Occupied } from '../../config/account-target.ts';
import type { TargetSettings } from '../../config/account-schema.ts';
import { isMapping } from '../../config/connections.ts';
import type { Connection, KnownConnection } from '../../config/connections.ts';
import { overlap } from '../../config/fleet.ts';
import { targetSchema } from '../../config/account-schema.ts';
import { formatPath } from '../../config/problem.ts';
import { parseYaml } from '../../config/yaml.ts';
import { check } from '../../config/zod-flaws.ts';
import type { Account } from '../../domain/account.ts';
import type { Target } from '../../domain/target.ts';
import { formatEntry } from '../../formats/registry.ts';
import { providerEntry } from '../../providers/registry.ts';
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
  from: {
    readonly provider: Connection;
    readonly stores: readonly Connection[];
    readonly accounts: readonly Account[];
  },
): ReadDestination {
  const settings = settingsOf(text);
  if (typeof settings === 'string') return { ok: false, why: settings };
  const stores = new Map(from.stores.map((one) => [one.name, known(one, storeEntry(one.kind))] as const));
  const provider = known(from.provider, providerEntry(from.provider.kind));
  const { target, occupied, flaws } = readTarget(settings, { stores, consumers: new Map(), provider }, []);
  if (target === undefined || occupied === undefined) {
    const words = flaws.map(({ path, message }) =>
      path.length === 0 ? message : `${formatPath(path)}: ${message}`,
    );
    return { ok: false, why: words.join('; ') };
  }
  const writer = from.accounts.find(({ targets }) => targets.some((other) => collide(other, occupied)));
  if (writer === undefined) return { ok: true, target };
  return { ok: false, why: `rekeyd writes it itself: it is a target of the account ${writer.name}` };
}

function known<Entry>(connection: Connection, entry: Entry | undefined): KnownConnection<Entry> {
  return { name: connection.name, connection, ...(entry !== undefined && { entry }) };
}

/** The same place, unless both are different parts of one document. */
function collide({ location, format }: Target, { place, ...occupied }: Occupied): boolean {
  if (location !== place && !location.startsWith(`${place}#`)) return false;
  const paths = formatEntry(format.kind)?.pathsOf(format.options as never);
  return format.kind !== occupied.format || overlap(paths, occupied.paths);
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
