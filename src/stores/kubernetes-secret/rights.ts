/** The rights that a target in a Secret needs, and no right more. */
import type { Right } from '../../kubernetes/rbac.ts';
import { addressOf } from './address.ts';

/** `create`: whether the Secret may be made. An apply that makes one asks for that right on its name. */
export function rightsFor(address: string, { create }: { readonly create: boolean }): Right[] {
  const { namespace, name } = addressOf(address);
  const secret = { namespace, group: '', resource: 'secrets', name };
  return [{ ...secret, verbs: ['get', 'patch'] }, ...(create ? [{ ...secret, verbs: ['create'] }] : [])];
}
