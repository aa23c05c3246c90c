/** The two calls that are made of consumers in a cluster: read one, change some of its fields. Never a list, never a watch. */
import { z } from 'zod';
import { failed, succeeded } from '../../domain/failure.ts';
import type { Result } from '../../domain/failure.ts';
import type { JsonObject } from '../../domain/target.ts';
import type { Answer, Send } from '../../kubernetes/connection.ts';
import type { Call } from '../../kubernetes/transport.ts';
import type { Doing } from '../../kubernetes/failures.ts';
import { parsed } from '../../kubernetes/parsed.ts';
import { CONSUMER_KINDS } from './address.ts';
import type { ConsumerAddress } from './address.ts';

export interface Change {
  readonly fields: JsonObject;
  /** Only this very version: who changed it since may have begun the same. */
  readonly resourceVersion: string;
  readonly dryRun: boolean;
}

export interface Api {
  get<T>(address: ConsumerAddress, model: z.ZodType<T>): Promise<Result<T>>;
  /** `conflict`: another version is there than was asked for. */
  change(address: ConsumerAddress, change: Change): Promise<Result<'changed' | 'conflict'>>;
}

/** Which version of a group's API this cluster has, by the group: asked for once. */
export type Versions = Map<string, string>;

const MANAGER_LENGTH_MAX = 128;
const HTTP_NOT_FOUND = 404;
const HTTP_CONFLICT = 409;

const trial = z.object({ kind: z.string() });

export function apiWith(send: Send, versions: Versions, installation: string): Api {
  /** As `send`, with the version of the API that the cluster has. */
  async function sendTo(
    address: ConsumerAddress,
    call: Omit<Call, 'path'>,
    { doing, query }: { readonly doing: Doing; readonly query: string },
  ): Promise<Result<Answer>> {
    const { group, versions: all } = CONSUMER_KINDS[address.kind];
    const known = versions.get(group);
    for (const version of known === undefined ? all : [known]) {
      const answer = await send({ ...call, path: pathOf(address, version) + query }, doing);
      if (!answer.ok) return answer;
      if (isOtherVersion(answer.value)) continue;
      versions.set(group, version);
      return answer.value.status === HTTP_NOT_FOUND ? missing(address) : answer;
    }
    versions.delete(group);
    return failed(
      'consumer-refused',
      `${doing.action} ${doing.where} is not possible: this cluster has no ${address.kind} of ${group} (${all.join(', ')}); install what ` +
        'serves it, or correct the consumers of the target',
      { status: HTTP_NOT_FOUND },
    );
  }

  return {
    async get(address, model) {
      const doing = { action: 'reading', verb: 'get', where: whereOf(address) };
      const answer = await sendTo(address, { method: 'GET' }, { doing, query: '' });
      return answer.ok ? parsed(answer.value, model, doing) : answer;
    },

    async change(address, { fields, resourceVersion, dryRun }) {
      const doing = { action: 'changing', verb: 'patch', where: whereOf(address) };
      const query = new URLSearchParams({
        fieldManager: managerOf(installation),
        ...(dryRun && { dryRun: 'All' }),
      });
      const metadata = { ...(fields['metadata'] as JsonObject | undefined), resourceVersion };
      const contentType = 'application/merge-patch+json';
      const body = () => JSON.stringify({ ...fields, metadata });
      const answer = await sendTo(
        address,
        { method: 'PATCH', contentType, body },
        { doing, query: `?${query.toString()}` },
      );
      if (!answer.ok) return answer;
      if (answer.value.status === HTTP_CONFLICT) return succeeded('conflict');
      const changed = parsed(answer.value, trial, doing);
      return changed.ok ? succeeded('changed') : changed;
    },
  };
}

/** Whom the API server keeps changes under. */
export function managerOf(installation: string): string {
  return `rekeyd/${installation}`.slice(0, MANAGER_LENGTH_MAX);
}

export function whereOf({ kind, namespace, name }: ConsumerAddress): string {
  return `the ${kind} ${namespace}/${name}`;
}

function pathOf({ kind, namespace, name }: ConsumerAddress, version: string): string {
  const { group, resource } = CONSUMER_KINDS[kind];
  const place = `namespaces/${encodeURIComponent(namespace)}/${resource}/${encodeURIComponent(name)}`;
  return `/apis/${group}/${version}/${place}`;
}

/** Of an object that is not there the API server says so with a reason; of a path that it does not know it does not. */
function isOtherVersion({ status, body }: Answer): boolean {
  if (status !== HTTP_NOT_FOUND) return false;
  const isStatus = typeof body === 'object' && body !== null && 'reason' in body;
  return !isStatus || !('details' in body) || !JSON.stringify(body.details).includes('"name"');
}

function missing({ kind, namespace, name }: ConsumerAddress): Result<never> {
  return failed(
    'consumer-refused',
    `there is no ${kind} ${namespace}/${name} in this cluster: make it, or correct the consumers of the target`,
    { status: HTTP_NOT_FOUND, id: 'NotFound' },
  );
}
