/** The faults that the emulator can make, as data: the same in process and over the control path. */
import { z } from 'zod';
import { COMMON_FAULTS, MATCH, SETTLING } from '../common-faults.ts';
import type { Arrival } from '../faults.ts';
import { API_ERRORS } from './answer.ts';
import type { ApiErrorId } from './answer.ts';
import type { Memory } from './memory.ts';
import { OPERATION_IDS } from './operations.ts';
import { tokenIdOf } from './tokens.ts';

const errorId = z.enum(Object.keys(API_ERRORS) as [ApiErrorId, ...ApiErrorId[]]);

const refusal = { ...MATCH, caller: z.string(), id: errorId.default('auth-api-expired') } as const;

export const kronupFault = z
  .discriminatedUnion('kind', [
    ...COMMON_FAULTS,
    /** Every call of `caller` is refused. */
    z.strictObject({ kind: z.literal('refused-caller'), ...refusal }),
    /** The token of `caller` that is live now is refused; the next one is accepted. */
    z.strictObject({ kind: z.literal('refused-token'), ...refusal }),
    /** The effect happens as asked; the answer is that of another account: the one named, else the next in the list. */
    z.strictObject({ kind: z.literal('other-account'), ...MATCH, answerId: z.string().optional() }),
    /** The effect happens as asked; the answer's token names this organisation. */
    z.strictObject({
      kind: z.literal('other-organisation'),
      ...MATCH,
      organisation: z.string().default('ffffffffffffffffffffffff'),
    }),
    /** A regenerate that does not: it answers 200 with the token as before, which stays live. */
    z.strictObject({ kind: z.literal('same-token'), ...MATCH }),
  ])
  .superRefine((rule, context) => {
    const ids: readonly string[] = OPERATION_IDS;
    if (rule.operation !== undefined && !ids.includes(rule.operation)) {
      context.addIssue({ code: 'custom', path: ['operation'], message: `one of ${ids.join(', ')}` });
    }
    if (rule.kind === 'status' && rule.id !== undefined && !errorId.safeParse(rule.id).success) {
      context.addIssue({ code: 'custom', path: ['id'], message: `one of ${errorId.options.join(', ')}` });
    }
  });

/** As somebody writes it. */
export type KronupFault = z.input<typeof kronupFault>;

/** With all defaults, and bound to one credential where it is about one. */
export type KronupFaultRule = z.output<typeof kronupFault> & Pick<Partial<Arrival>, 'credentialId'>;

/**
 * With all defaults; `manager` becomes its id, and a fault of a token is bound to the one that is live now. Throws
 * where it is no fault.
 */
export function ruleOf(fault: KronupFault, { organisation, manager }: Memory): KronupFaultRule {
  const idOf = (name: string) => (name === 'manager' ? manager.id : name);
  const rule = kronupFault.parse(fault);
  const { accountId, caller } = rule;
  const bound = rule.kind === 'refused-token' ? organisation.find(idOf(rule.caller)) : undefined;
  return {
    ...rule,
    ...(accountId === undefined ? {} : { accountId: idOf(accountId) }),
    ...(caller === undefined ? {} : { caller: idOf(caller) }),
    ...(bound === undefined ? {} : { credentialId: tokenIdOf(bound) }),
  };
}

/** Whether this fault settles how a request ends, as opposed to delaying it or changing what it shows. */
export function settlesRequest({ kind }: KronupFaultRule): boolean {
  return SETTLING.includes(kind) || kind === 'refused-caller' || kind === 'refused-token';
}
