/** How a consumer in a cluster is named: `KIND NAMESPACE/NAME`. Pure; the configuration's checks load it. */
import type { ConsumerAction } from '../../domain/consumer.ts';

export interface ConsumerAddress {
  readonly kind: ConsumerKind;
  readonly namespace: string;
  readonly name: string;
}

/** Each kind of consumer, its resource in the API, and what is done to it. */
export const CONSUMER_KINDS = {
  Deployment: { group: 'apps', versions: ['v1'], resource: 'deployments', does: 'restart' },
  StatefulSet: { group: 'apps', versions: ['v1'], resource: 'statefulsets', does: 'restart' },
  DaemonSet: { group: 'apps', versions: ['v1'], resource: 'daemonsets', does: 'restart' },
  Rollout: { group: 'argoproj.io', versions: ['v1alpha1'], resource: 'rollouts', does: 'restart' },
  ExternalSecret: {
    group: 'external-secrets.io',
    versions: ['v1', 'v1beta1'],
    resource: 'externalsecrets',
    does: 'forceSync',
  },
} as const satisfies Record<
  string,
  {
    readonly group: string;
    /** The newest first: the others are for clusters that do not have it. */
    readonly versions: readonly string[];
    readonly resource: string;
    readonly does: ConsumerAction;
  }
>;

export type ConsumerKind = keyof typeof CONSUMER_KINDS;

const LABEL_LENGTH_MAX = 63;
const NAME_LENGTH_MAX = 253;
const LABEL = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
const NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

/** The address taken apart, of which `problemOf` finds nothing wrong. */
export function addressOf(address: string): ConsumerAddress {
  const [kind = '', place = ''] = address.split(' ');
  const [namespace = '', name = ''] = place.split('/');
  return { kind: kind as ConsumerKind, namespace, name };
}

/** What is wrong with an address, in words that say what is allowed; `undefined` where nothing is. */
export function problemOf(does: ConsumerAction, address: string): string | undefined {
  const kinds = Object.entries(CONSUMER_KINDS).filter(([, kind]) => kind.does === does);
  if (kinds.length === 0) return `${does} is nothing that is done in a cluster; allowed: restart, forceSync`;
  const names = kinds.map(([name]) => name);
  const form = `KIND NAMESPACE/NAME, such as ${names[0]} shop/checkout`;
  const [kind = '', place, ...more] = address.split(' ');
  if (place === undefined || more.length > 0) return `it names no consumer; allowed: ${form}`;
  if (!names.includes(kind)) {
    const allowed = names.length === 1 ? names[0] : `one of ${names.join(', ')}`;
    return `${kind === '' ? 'it has no kind' : `${kind} is no kind for ${does}`}; allowed: ${allowed}, as in ${form}`;
  }
  const [namespace = '', name, ...rest] = place.split('/');
  if (name === undefined || rest.length > 0) return `it names no consumer; allowed: ${form}`;
  if (!LABEL.test(namespace) || namespace.length > LABEL_LENGTH_MAX) {
    return `its namespace is none: lower case letters, digits and -, ${LABEL_LENGTH_MAX} at most; allowed: ${form}`;
  }
  if (NAME.test(name) && name.length <= NAME_LENGTH_MAX) return undefined;
  return `the name of its ${kind} is none: lower case letters, digits, - and ., ${NAME_LENGTH_MAX} at most; allowed: ${form}`;
}
