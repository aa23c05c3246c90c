/** Checks providers, stores and connections to consumers by themselves: whether they can be reached, and as whom. */
import { isReserveLow } from '../../domain/calls-left.ts';
import type { ConsumerConnection } from '../../ports/consumer.ts';
import type { Provider } from '../../ports/provider.ts';
import type { Store } from '../../ports/store.ts';
import { providerEntry } from '../../providers/registry.ts';
import { findingsOf } from './finding.ts';
import type { Finding } from './finding.ts';

type Options = { readonly signal: AbortSignal };

export interface CheckedProvider {
  readonly findings: readonly Finding[];
  /** Whether it can be asked about accounts. */
  readonly reached: boolean;
  /** The account that the manager credential belongs to. */
  readonly managerId?: string;
}

/** Asks who the manager is, and whether it may do what is needed. */
export async function checkProvider(provider: Provider, { signal }: Options): Promise<CheckedProvider> {
  const { ok, failed } = findingsOf({ scope: 'provider', subject: provider.name });
  const asked = await provider.manager({ signal });
  if (!asked.ok) {
    return { reached: false, findings: [failed('manager', asked.failure.message)] };
  }
  const { accountId, clientId, role } = asked.value;
  const whose =
    accountId === undefined ? `has the client id ${clientId ?? ''}` : `is of account ${accountId}`;
  const reached = ok('manager', `reached at ${provider.origin}; the manager credential ${whose}`);
  const may = checkRole(provider, role);
  const managerId = accountId === undefined ? {} : { managerId: accountId };
  return { reached: true, ...managerId, findings: [reached, ...may] };
}

/** Where nothing depends on a role, nothing is said of it. */
function checkRole({ name, kind }: Provider, role: string | undefined): Finding[] {
  const { ok, warning, failed } = findingsOf({ scope: 'provider', subject: name });
  const entry = providerEntry(kind);
  if (entry?.roleProblem === undefined) return [];
  if (role === undefined) {
    const unknown =
      'it does not say which role the manager has; whether it may mint shows at the first rotation';
    return [warning('role', unknown)];
  }
  const problem = entry.roleProblem(role);
  const message = `the manager's role is ${role}`;
  return [problem === undefined ? ok('role', message) : failed('role', `${message}: ${problem}`)];
}

/** After all other calls, so that they are counted. */
export function checkQuota(provider: Provider): Finding[] {
  const calls = provider.callsLeft();
  if (calls === undefined) return [];
  const { left, limit, reserve } = calls;
  const { ok, warning } = findingsOf({ scope: 'provider', subject: provider.name });
  const message = `${left} calls of ${limit} are left today for the manager credential, less what other processes have made`;
  if (!isReserveLow(calls)) return [ok('quota', message)];
  return [
    warning(
      'quota',
      `${message}; nothing is minted with no more than ${reserve} (reserve), until the next day`,
    ),
  ];
}

/** As whom a store or a connection to consumers is reached. */
export async function checkIdentity(
  scope: 'store' | 'consumer',
  connection: Pick<Store | ConsumerConnection, 'name' | 'whoAmI'>,
  options: Options,
): Promise<Finding> {
  const { ok, failed } = findingsOf({ scope, subject: connection.name });
  const who = await connection.whoAmI(options);
  return who.ok ? ok('identity', who.value) : failed('identity', who.failure.message);
}
