/** The faults that the emulator can make, as data: the same in process and over the control path. */
import { z } from 'zod';
import { COMMON_FAULTS, MATCH, MS, SETTLING } from '../common-faults.ts';
import type { Arrival } from '../faults.ts';
import { OPERATION_IDS } from './api.ts';
import type { Memory } from './memory.ts';

export const keycardFault = z
  .discriminatedUnion('kind', [
    ...COMMON_FAULTS,
    /** Every call of `caller` is refused, and so are its credentials at the token endpoint. */
    z.strictObject({ kind: z.literal('refused-caller'), ...MATCH, caller: z.string() }),
    /** The credential with this client id is refused, and so are its access tokens. */
    z.strictObject({ kind: z.literal('refused-credential'), ...MATCH, clientId: z.string() }),
    /** The access tokens that were given until now are refused; new ones are accepted. */
    z.strictObject({ kind: z.literal('refused-access-token'), ...MATCH }),
    /** Access tokens are refused until so long after they were given, as the real service is not consistent at once. */
    z.strictObject({ kind: z.literal('young-access-token'), ...MATCH, ms: MS }),
    /** The organisations of whoever asks are another one. */
    z.strictObject({
      kind: z.literal('other-organisation'),
      ...MATCH,
      operation: z.literal('organisationList').default('organisationList'),
      organisation: z.string().default('zzzzzzzzzzzzzzzzzzzzzzzzzz'),
    }),
  ])
  .superRefine(({ operation }, context) => {
    if (operation === undefined || OPERATION_IDS.includes(operation)) return;
    const message = `one of ${OPERATION_IDS.join(', ')}`;
    context.addIssue({ code: 'custom', path: ['operation'], message });
  });

/** As somebody writes it. */
export type KeycardFault = z.input<typeof keycardFault>;

type Written = z.output<typeof keycardFault>;

/** With all defaults, and bound to what it is about. */
export type KeycardFaultRule = (
  | Exclude<Written, { readonly kind: 'refused-access-token' | 'refused-credential' }>
  | (Extract<Written, { readonly kind: 'refused-access-token' }> & {
      /** How many access tokens were given when it was made. */
      readonly given: number;
    })
) &
  Pick<Partial<Arrival>, 'credentialId'>;

/** With all defaults; `manager` becomes its id. Throws where it is no fault. */
export function ruleOf(
  fault: KeycardFault,
  { organisation, manager, tokensGiven }: Memory,
): KeycardFaultRule {
  const rule = keycardFault.parse(fault);
  const idOf = (name: string) => (name === 'manager' ? manager.id : name);
  const { accountId, caller } = rule;
  const named = {
    ...(accountId === undefined ? {} : { accountId: idOf(accountId) }),
    ...(caller === undefined ? {} : { caller: idOf(caller) }),
  };
  if (rule.kind === 'refused-access-token') return { ...rule, ...named, given: tokensGiven };
  if (rule.kind !== 'refused-credential') return { ...rule, ...named };
  const { clientId, ...rest } = rule;
  const credential = organisation.withClientId(clientId);
  if (credential === undefined) throw new Error(`the emulator has no credential with client id ${clientId}`);
  const { accountId: owner, id: credentialId } = credential;
  return { ...rest, ...named, kind: 'refused-caller', caller: owner, credentialId };
}

/** Whether this fault settles how a request ends, as opposed to delaying it or changing what it shows. */
export function settlesRequest({ kind }: KeycardFaultRule): boolean {
  return SETTLING.includes(kind) || kind === 'refused-caller';
}
