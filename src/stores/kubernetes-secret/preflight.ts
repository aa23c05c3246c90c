/** Whether a write to a place of a Secret would succeed now: tried without an effect, and where asked with one that no consumer reads. */
import { failed, succeeded } from '../../domain/failure.ts';
import type { Result } from '../../domain/failure.ts';
import type { SecretBytes } from '../../domain/secret.ts';
import type { Ready } from '../../ports/store.ts';
import { whereOf } from './api.ts';
import type { Api, Applied } from './api.ts';
import { contentOf, dataOf } from './content.ts';
import type { SecretData } from './content.ts';
import type { SecretObject } from './models.ts';
import { managerOf } from './ownership.ts';
import { applyOf, checkSize, missing, obstacle } from './write.ts';
import type { Writing } from './write.ts';

export interface Asked extends Omit<Writing, 'ifVersion' | 'mark'> {
  readonly size: number;
  readonly like: SecretBytes | undefined;
  readonly realWrite: boolean;
  /** Who asks, as the API server says. */
  readonly caller: string;
}

/** The annotation that a real write sets: it shows that the Secret can be written, and changes no key. */
const PROBE = 'rekeyd/probed';
/** Somebody changed the same Secret between a look and a write, so often. */
const TRIES_MAX = 5;
/** Types of Kubernetes that are not taken without their keys. */
const TYPED = /^kubernetes\.io\//;

export async function preflight(api: Api, asked: Asked): Promise<Result<Ready>> {
  const { address, options, caller } = asked;
  for (let tries = 1; tries <= TRIES_MAX; tries++) {
    const secret = await api.get(address);
    if (!secret.ok) return secret;
    if (secret.value === undefined && options.create !== true) return missing(address);
    const tried = await tryOnce(api, secret.value, asked);
    if (!tried.ok) return tried;
    if (tried.value !== 'changed') return succeeded({ identity: caller, wrote: asked.realWrite });
  }
  return failed(
    'target-refused',
    `${whereOf(address)} is changed by somebody else again and again; it is tried again`,
  );
}

async function tryOnce(
  api: Api,
  secret: SecretObject | undefined,
  asked: Asked,
): Promise<Result<'changed' | undefined>> {
  const { address, realWrite } = asked;
  const sample = sampleOf(secret, asked);
  if (!sample.ok) return sample;
  const data = sample.value;
  const allowed = secret === undefined ? succeeded(undefined) : obstacle(secret, data, asked);
  if (!allowed.ok) return allowed;
  const fitting = checkSize(address, { ...secret?.data, ...data });
  if (!fitting.ok) return fitting;
  const dry = await api.apply(address, { ...applyOf(secret, data, asked), dryRun: true });
  if (!dry.ok) return dry;
  if (dry.value === 'conflict') return succeeded('changed');
  if (!realWrite) return succeeded(undefined);
  const probe = probeOf(secret, asked);
  const real = probe && (await api.apply(address, probe));
  if (real?.ok === false) return real;
  return succeeded(real?.value === 'conflict' ? 'changed' : undefined);
}

/** What would be written: what it is said to be like, else what is there, or where nothing is, as many bytes as were announced. */
function sampleOf(
  secret: SecretObject | undefined,
  { address, size, like, options }: Asked,
): Result<SecretData> {
  if (like !== undefined) return dataOf(like, address);
  const key = address.key ?? 'rekeyd';
  if (secret !== undefined && address.key === undefined && contentOf(secret.data, address) !== undefined) {
    return succeeded(secret.data);
  }
  const known = secret?.data[key];
  if (known !== undefined) return succeeded({ [key]: known });
  // The types of registries take JSON only.
  const bytes = TYPED.test(options.type ?? secret?.type ?? '') ? '{}' : 'x'.repeat(size);
  return succeeded({ [key]: Buffer.from(bytes).toString('base64') });
}

/**
 * A Secret that is there gets an annotation. One that is not is made without a key; those of a type that must have keys cannot be, and
 * there the trial is all there is, because a key with anything else in it would be what consumers read.
 */
function probeOf(secret: SecretObject | undefined, asked: Asked): Applied | undefined {
  const { address, installation, now, options } = asked;
  if (secret === undefined) {
    if (TYPED.test(options.type ?? '')) return undefined;
    const { data: _, annotations, ...made } = applyOf(undefined, {}, asked);
    void annotations;
    return { ...made, ...(options.annotations && { annotations: options.annotations }), dryRun: false };
  }
  const { uid, resourceVersion } = secret.metadata;
  return {
    manager: `${managerOf(installation, address)} probe`,
    only: { uid, resourceVersion },
    force: true,
    dryRun: false,
    annotations: { [PROBE]: new Date(now).toISOString() },
  };
}
