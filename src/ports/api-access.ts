/** Who may do what over the network. On the socket whoever may open it may do everything. */

/** `viewer` reads; `operator` also acts. */
export const API_ROLES = ['viewer', 'operator'] as const;

export type ApiRole = (typeof API_ROLES)[number];

/** The form of a token's hash in the configuration: the SHA-256 of the token's text, in hex. */
export const TOKEN_HASH = /^sha256:([0-9a-f]{64})$/;

/** Shorter tokens are never accepted: their hash would tell them to whoever guesses for a while. */
export const TOKEN_LENGTH_MIN = 32;
export const TOKEN_LENGTH_MAX = 512;
