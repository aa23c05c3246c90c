/** What errors of Node, undici and our own dispatchers say of a connection, in words for a person. What follows is for others to say. */

/** Errors from before a connection stood: nothing was sent. The words say it of the other side. */
export const NOT_CONNECTED: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'the name service does not answer',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no network',
  EACCES: 'the system forbids the connection',
  UND_ERR_CONNECT_TIMEOUT: 'no connection came about',
  ERR_PROXY_URL: 'HTTPS_PROXY or HTTP_PROXY is not the URL of a proxy',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is of an authority that is not trusted',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is of an authority that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is of an authority that is not trusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  CERT_SIGNATURE_FAILURE: 'its certificate is of another authority',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS',
};

/** The code of an error, or of what caused it, such as `ECONNREFUSED`; empty where neither has one. */
export function networkCodeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : networkCodeOf(error.cause);
}
