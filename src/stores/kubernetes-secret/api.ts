/** The few calls that this store makes of the API server, typed. Never a list, never a watch: only the Secrets that it is asked for. */
import { succeeded } from '../../domain/failure.ts';
import type { Result } from '../../domain/failure.ts';
import type { SecretAddress } from './address.ts';
import type { Answer, Send } from '../../kubernetes/connection.ts';
import type { SecretData } from './content.ts';
import { isNotThere, parsed } from '../../kubernetes/parsed.ts';
import { trialModel, secretModel } from './models.ts';
import type { SecretObject } from './models.ts';

export interface Applied {
  readonly manager: string;
  /** Only this very object at this very version; absent: where none is, it is made. */
  readonly only?: { readonly uid: string; readonly resourceVersion: string };
  /** Take fields from those who own them. */
  readonly force: boolean;
  readonly dryRun: boolean;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly type?: string;
  readonly data?: SecretData;
}

export interface Api {
  /** `undefined`: there is no such Secret. */
  get(address: SecretAddress): Promise<Result<SecretObject | undefined>>;
  /**
   * Server-side apply of these fields; the Secret as it is then, `undefined` for a trial. `conflict`: another version is there than
   * was asked for, or others own a field.
   */
  apply(address: SecretAddress, what: Applied): Promise<Result<SecretObject | 'conflict' | undefined>>;
}

export function apiWith(send: Send): Api {
  return {
    async get(address) {
      const doing = { action: 'reading', verb: 'get', where: whereOf(address) };
      const answer = await send({ method: 'GET', path: pathOf(address) }, doing);
      if (!answer.ok) return answer;
      if (isNotThere(answer.value)) return succeeded(undefined);
      return parsed(answer.value, secretModel, doing);
    },

    async apply(address, what) {
      const doing = { action: 'writing', verb: 'patch', where: whereOf(address) };
      const { manager, force, dryRun } = what;
      const query = new URLSearchParams({
        fieldManager: manager,
        force: String(force),
        fieldValidation: 'Strict',
      });
      if (dryRun) query.set('dryRun', 'All');
      const answer = await send(
        {
          method: 'PATCH',
          path: `${pathOf(address)}?${query.toString()}`,
          contentType: 'application/apply-patch+yaml',
          body: () => bodyOf(address, what),
        },
        doing,
      );
      if (!answer.ok) return answer;
      if (answer.value.status === 409 || isOtherObject(answer.value)) return succeeded('conflict');
      if (!dryRun) return parsed(answer.value, secretModel, doing);
      // A Secret that would be made has no version.
      const trial = parsed(answer.value, trialModel, doing);
      return trial.ok ? succeeded(undefined) : trial;
    },
  };
}

export function whereOf({ namespace, name }: SecretAddress): string {
  return `the Secret ${namespace}/${name}`;
}

function pathOf({ namespace, name }: SecretAddress): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(name)}`;
}

/** JSON, which is YAML as well. */
function bodyOf({ namespace, name }: SecretAddress, what: Applied): string {
  const { only, annotations, labels, type, data } = what;
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace, name, ...only, ...(annotations && { annotations }), ...(labels && { labels }) },
    ...(type !== undefined && { type }),
    ...(data && { data }),
  });
}

/** The object that was asked for by its uid is gone: without one, an apply would make a new one. */
function isOtherObject({ status, body }: Answer): boolean {
  if (status !== 422 || typeof body !== 'object' || body === null || !('details' in body)) return false;
  return JSON.stringify(body.details).includes('"metadata.uid"');
}
