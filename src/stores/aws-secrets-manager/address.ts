/** How a secret is named: by its name or its full ARN. Pure; the configuration's checks load it. */

/** A full ARN taken apart. `name` is without the six random characters. */
interface SecretArn {
  readonly region: string;
  readonly account: string;
  readonly name: string;
}

const NAME_LENGTH_MAX = 512;
const NAME = /^[A-Za-z0-9/_+=.@-]+$/;
const FULL_ARN =
  /^arn:aws[a-z-]*:secretsmanager:([a-z0-9-]+):(\d{12}):secret:([A-Za-z0-9/_+=.@-]+)-[A-Za-z0-9]{6}$/;

/** The parts of a full ARN; `undefined` for a name, and for an ARN that is partial or of something else. */
function parseArn(address: string): SecretArn | undefined {
  const [, region, account, name] = FULL_ARN.exec(address) ?? [];
  if (region === undefined || account === undefined || name === undefined) return undefined;
  return { region, account, name };
}

/**
 * What is wrong with an address in a store of this region (`undefined`: whatever the environment says), in words that
 * say what is allowed; `undefined` where nothing is.
 */
export function problemOf(address: string, region: string | undefined): string | undefined {
  if (address === '') return 'it is empty: the name or the full ARN of a secret is needed';
  if (!address.startsWith('arn:')) return nameProblem(address);
  const arn = parseArn(address);
  if (arn === undefined) {
    return (
      'it is no full ARN of a secret: one ends with a hyphen and six random characters, because a partial one can ' +
      'match the wrong secret; name the secret, or copy its whole ARN'
    );
  }
  if (region !== undefined && arn.region !== region) {
    return `it is in the region ${arn.region}, and the store in ${region}: give it a store of its own region`;
  }
  return nameProblem(arn.name);
}

function nameProblem(name: string): string | undefined {
  if (name.length > NAME_LENGTH_MAX) return `its name is longer than ${NAME_LENGTH_MAX} characters`;
  if (NAME.test(name)) return undefined;
  return 'it has a character that names of secrets cannot have: letters, digits and /_+=.@- are allowed';
}

/** Which store a place is in, as far as its name depends on it. */
export interface Whereabouts {
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
  /** The account of the role that the store assumes; absent: whichever the credentials belong to. */
  readonly account?: string | undefined;
}

/**
 * One text for one secret, whether it was given by name or by ARN. Where the region or the account comes from the
 * environment it stands for itself, so that a name and its ARN are equal all the same.
 */
export function locationOf(address: string, { account, ...where }: Whereabouts): string {
  const arn = parseArn(address);
  const owner = account === undefined ? undefined : (arn?.account ?? account);
  return `${placeOf({ ...where, account: owner })}/${arn?.name ?? address}`;
}

/** One text for where all addresses of a store lead, by its configuration alone. Throws where `endpoint` is no URL. */
export function placeOf({ region, endpoint, account }: Whereabouts): string {
  const host = endpoint === undefined ? 'aws' : new URL(endpoint).host;
  return `aws-secrets-manager:${host}/${region ?? 'default'}/${account ?? 'default'}`;
}
