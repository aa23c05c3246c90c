/** What the emulated Keycard keeps: service accounts and their credentials. */
import { hash } from 'node:crypto';

/** Times are ms since the epoch. */
export interface ServiceAccount {
  readonly id: string;
  /** Counts all that was ever made, in the order of their making: lists are in this order. */
  readonly serial: number;
  name: string;
  description: string | undefined;
  readonly createdAt: number;
  updatedAt: number;
  /** Whether its credentials may manage the service accounts of the organisation. */
  readonly manages: boolean;
}

export interface Credential {
  readonly id: string;
  readonly serial: number;
  readonly accountId: string;
  name: string;
  description: string | undefined;
  readonly clientId: string;
  readonly createdAt: number;
  lastUsedAt: number | undefined;
  /** Until then it is not known everywhere, and refused. */
  readonly usableAt: number;
}

const ID_LENGTH = 26;
const CLIENT_ID_LENGTH = 21;

/** A made-up id of lower-case letters and digits, the same for the same words. */
export function idOf(...words: readonly (string | number)[]): string {
  return BigInt(`0x${hash('sha256', words.join('/'), 'hex')}`)
    .toString(36)
    .slice(0, ID_LENGTH);
}

/** A made-up client id, the same for the same credential. */
function clientIdOf(credentialId: string): string {
  return hash('sha512', `client/${credentialId}`, 'base64')
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(0, CLIENT_ID_LENGTH);
}

export function newAccount(of: {
  readonly id: string;
  readonly serial: number;
  readonly name: string;
  readonly description?: string | undefined;
  readonly at: number;
  readonly manages?: boolean;
}): ServiceAccount {
  const { id, serial, name, description, at, manages = false } = of;
  return { id, serial, name, description, createdAt: at, updatedAt: at, manages };
}

export function newCredential(of: {
  readonly id: string;
  readonly serial: number;
  readonly accountId: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly at: number;
  readonly usableAt: number;
}): Credential {
  const { id, serial, accountId, name, description, at, usableAt } = of;
  const clientId = clientIdOf(id);
  return {
    id,
    serial,
    accountId,
    name,
    description,
    clientId,
    createdAt: at,
    lastUsedAt: undefined,
    usableAt,
  };
}
