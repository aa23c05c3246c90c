/**
 * How a place in a cluster is named: `NAMESPACE/SECRET/KEY` for one key of a Secret, `NAMESPACE/SECRET` for its keys as one JSON
 * document. Pure; the configuration's checks load it.
 */

export interface SecretAddress {
  readonly namespace: string;
  readonly name: string;
  /** Absent: all keys, as one document. */
  readonly key?: string;
}

const LABEL_LENGTH_MAX = 63;
const NAME_LENGTH_MAX = 253;
const LABEL = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
const NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
const KEY = /^[A-Za-z0-9._-]+$/;

/** The address taken apart, of which `problemOf` finds nothing wrong. */
export function addressOf(address: string): SecretAddress {
  const [namespace = '', name = '', key] = address.split('/');
  return { namespace, name, ...(key !== undefined && { key }) };
}

/** What is wrong with an address, in words that say what is allowed; `undefined` where nothing is. */
export function problemOf(address: string): string | undefined {
  const parts = address.split('/');
  const [namespace = '', name = '', key] = parts;
  if (parts.length < 2 || parts.length > 3) {
    return 'it is no place in a cluster: NAMESPACE/SECRET/KEY, or NAMESPACE/SECRET for several keys';
  }
  if (!LABEL.test(namespace) || namespace.length > LABEL_LENGTH_MAX) {
    return `its namespace is none: lower case letters, digits and -, ${LABEL_LENGTH_MAX} at most`;
  }
  if (!NAME.test(name) || name.length > NAME_LENGTH_MAX) {
    return `the name of its Secret is none: lower case letters, digits, - and ., ${NAME_LENGTH_MAX} at most`;
  }
  if (key === undefined) return undefined;
  if (KEY.test(key) && key.length <= NAME_LENGTH_MAX && key !== '.' && !key.startsWith('..'))
    return undefined;
  return `its key is none of a Secret: letters, digits, -, _ and ., ${NAME_LENGTH_MAX} at most`;
}
