/**
 * Who owns which keys of a Secret, as the API server keeps it (`managedFields`), and the mark that this store leaves on what it wrote. A
 * value is ours while we own its keys: whoever writes another value takes the ownership from us.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { WriteMark } from '../../ports/store.ts';
import type { SecretAddress } from './address.ts';
import type { SecretData } from './content.ts';
import type { SecretObject } from './models.ts';

/** The API server's own limit for the name of a field manager. */
const MANAGER_LENGTH_MAX = 128;
/** The longest name of an annotation behind its slash. */
const ANNOTATION_LENGTH_MAX = 63;

const marking = z.object({
  installation: z.string(),
  account: z.string().optional(),
  fingerprint: z.string().optional(),
  slot: z.iso.datetime().optional(),
  at: z.iso.datetime(),
  write: z.string(),
  keys: z.array(z.string()).min(1),
});

export type Marking = z.output<typeof marking>;

/** Who else owns a key that is to be written. */
export interface OtherOwner {
  readonly key: string;
  readonly manager: string;
}

/** One name for each place, because an apply takes away what its manager applied before and does not now. */
export function managerOf(installation: string, { key }: SecretAddress): string {
  const whole = `rekeyd/${installation}/${key ?? '*'}`;
  return whole.length <= MANAGER_LENGTH_MAX - MADE.length - MADE_ID_LENGTH
    ? whole
    : `rekeyd/${installation}/${digest(whole)}`;
}

const MADE = ' made ';
const MADE_ID_LENGTH = 8;

/**
 * The name under which a Secret is made. It keeps owning labels and type, which later applies leave out; and it differs from one
 * write to the next, so that two that make the same Secret at once are a conflict.
 */
export function makerOf(installation: string, address: SecretAddress, writeToken: string): string {
  return `${managerOf(installation, address)}${MADE}${digest(writeToken).slice(0, MADE_ID_LENGTH)}`;
}

/** The annotation that says what was written at a place. */
export function annotationOf({ key }: SecretAddress): string {
  if (key === undefined) return 'rekeyd/written';
  const isName = key.length <= ANNOTATION_LENGTH_MAX && /^[A-Za-z0-9].*[A-Za-z0-9]$|^[A-Za-z0-9]$/.test(key);
  return `keys.rekeyd/${isName ? key : digest(key)}`;
}

export function markingText(
  {
    installation,
    at,
    write,
    keys,
  }: Pick<Marking, 'installation' | 'write' | 'keys'> & { readonly at: number },
  mark: WriteMark | undefined,
): string {
  return JSON.stringify({
    installation,
    ...(mark && { account: mark.account, fingerprint: mark.fingerprint }),
    ...(mark?.slot !== undefined && { slot: new Date(mark.slot).toISOString() }),
    at: new Date(at).toISOString(),
    write,
    keys,
  } satisfies Marking);
}

/** What this installation has said of the place, whoever has written there since. */
export function markingIn(
  { metadata }: SecretObject,
  address: SecretAddress,
  installation: string,
): Marking | undefined {
  const text = metadata.annotations[annotationOf(address)];
  if (text === undefined) return undefined;
  try {
    const parsed = marking.safeParse(JSON.parse(text));
    return parsed.success && parsed.data.installation === installation ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** The mark of what stands there now; `undefined` where somebody else has changed it since, or wrote it. */
export function ownMarking(
  secret: SecretObject,
  address: SecretAddress,
  installation: string,
): Marking | undefined {
  const said = markingIn(secret, address, installation);
  if (said === undefined) return undefined;
  const own = keysOwnedBy(secret, (manager) => isOurs(manager, address, installation));
  return said.keys.every((key) => own.has(key)) ? said : undefined;
}

/** The keys of the place that this installation owns. */
export function ownKeys(
  secret: SecretObject,
  address: SecretAddress,
  installation: string,
): ReadonlySet<string> {
  return keysOwnedBy(secret, (manager) => isOurs(manager, address, installation));
}

/** Those of the keys that somebody else owns, with whom. */
export function otherOwners(
  secret: SecretObject,
  keys: readonly string[],
  { address, installation }: { readonly address: SecretAddress; readonly installation: string },
): OtherOwner[] {
  return secret.metadata.managedFields.flatMap(({ manager, fieldsV1 }) => {
    if (isOurs(manager, address, installation)) return [];
    const fields = fieldsV1?.['f:data'] ?? {};
    return keys.filter((key) => Object.hasOwn(fields, `f:${key}`)).map((key) => ({ key, manager }));
  });
}

/** What a Secret was made with here, as far as that is still owned by its making. */
export interface Made {
  readonly manager: string;
  readonly data: SecretData;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly type?: string;
}

export function madeHere(
  secret: SecretObject,
  address: SecretAddress,
  installation: string,
): Made | undefined {
  const { metadata, data, type } = secret;
  const made = metadata.managedFields.find(({ manager }) =>
    manager.startsWith(`${managerOf(installation, address)}${MADE}`),
  );
  if (made === undefined) return undefined;
  const { 'f:data': keys, 'f:metadata': about, 'f:type': ownsType } = made.fieldsV1 ?? {};
  return {
    manager: made.manager,
    data: owned(data, keys),
    labels: owned(metadata.labels, about?.['f:labels']),
    annotations: owned(metadata.annotations, about?.['f:annotations']),
    ...(ownsType !== undefined && type !== undefined && { type }),
  };
}

function owned(
  values: Readonly<Record<string, string>>,
  fields: Readonly<Record<string, unknown>> | undefined,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(values).filter(([name]) => Object.hasOwn(fields ?? {}, `f:${name}`)),
  );
}

/** Who wrote one of the keys last, and when, in ms since the epoch. The API server keeps whole seconds: in one, others were later. */
export function lastWriter(
  secret: SecretObject,
  keys: readonly string[],
  { address, installation }: { readonly address: SecretAddress; readonly installation: string },
): { readonly at?: number; readonly by: string } | undefined {
  const writers = secret.metadata.managedFields
    .filter(({ fieldsV1 }) => keys.some((key) => Object.hasOwn(fieldsV1?.['f:data'] ?? {}, `f:${key}`)))
    .map(({ manager, time }) => ({ by: manager, at: Date.parse(time ?? '') }))
    .toSorted(
      (one, other) =>
        (other.at || 0) - (one.at || 0) ||
        Number(isOurs(one.by, address, installation)) - Number(isOurs(other.by, address, installation)),
    );
  const [last] = writers;
  if (last === undefined) return undefined;
  return Number.isNaN(last.at) ? { by: last.by } : { by: last.by, at: last.at };
}

function keysOwnedBy({ metadata }: SecretObject, isOne: (manager: string) => boolean): ReadonlySet<string> {
  return new Set(
    metadata.managedFields
      .filter(({ manager }) => isOne(manager))
      .flatMap(({ fieldsV1 }) => Object.keys(fieldsV1?.['f:data'] ?? {}))
      .filter((field) => field.startsWith('f:'))
      .map((field) => field.slice(2)),
  );
}

function isOurs(manager: string, address: SecretAddress, installation: string): boolean {
  const ours = managerOf(installation, address);
  return manager === ours || manager.startsWith(`${ours}${MADE}`);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
