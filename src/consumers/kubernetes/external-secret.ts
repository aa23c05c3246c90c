/**
 * Whether an ExternalSecret read its source anew for a need. Its controller reads when an annotation changes, and keeps when it began to
 * read, without the fraction of the second, in `status.refreshTime`. Pure.
 */
import type { z } from 'zod';
import { quotedWords } from '../../domain/credential-shapes.ts';
import { instantOf, secondsText, wholeSecondAfter } from './look.ts';
import type { Kind, Looked, Need } from './look.ts';
import { externalSecret as model } from './models.ts';

type ExternalSecret = z.output<typeof model>;

const FORCE_SYNC = 'force-sync';
const SECOND_MS = 1_000;

export const externalSecret: Kind<ExternalSecret> = {
  model,
  look(object, need) {
    const never = neverReads(object);
    if (never !== undefined) return { state: 'refused', why: never };
    const ready = object.status.conditions.find(({ type }) => type === 'Ready');
    const isReady = ready?.status === 'True';
    const read = instantOf(object.status.refreshTime ?? undefined);
    if (isReady && read !== undefined && read >= need.neededAt) {
      return { state: 'through', at: Math.min(read, need.now) };
    }
    const forced = forcedAt(object.metadata.annotations[FORCE_SYNC]);
    if (forced === undefined || forced < need.neededAt) return toForce(new Date(need.neededAt).toISOString());
    if (ready?.status === 'False') {
      const said = quotedWords(ready.message);
      return { state: 'unhealthy', why: `it is not Ready (${ready.reason ?? 'no reason'}: ${said})` };
    }
    if (isReady && read !== undefined) return again(read, forced, need);
    return { state: 'under-way', why: 'its controller has not read its source yet; see whether it runs' };
  },
  describe({ spec, status }) {
    const ready = status.conditions.find(({ type }) => type === 'Ready');
    return `${ready?.status === 'True' ? 'Ready' : 'not Ready'}, policy ${spec.refreshPolicy ?? 'Periodic'}`;
  },
};

/** It read in the very second of the need, before it or after: once that second is over it is told again, and then that shows. */
function again(read: number, forced: number, { neededAt, now }: Need): Looked {
  const end = wholeSecondAfter(neededAt);
  const isUnclear = read + SECOND_MS > neededAt;
  if (isUnclear && now >= end && forced < end) return toForce(secondsText(end));
  const last = secondsText(read);
  return { state: 'under-way', why: `its controller read its source last at ${last}, which is not after it` };
}

function toForce(text: string): Looked {
  return {
    state: 'to-begin',
    fields: { metadata: { annotations: { [FORCE_SYNC]: text } } },
    why: 'it was told to read its source just now',
  };
}

/** An instant in whatever form a person has given it: of kubectl's handbook it is the seconds since the epoch. */
function forcedAt(text: string | undefined): number | undefined {
  if (text !== undefined && /^\d{10}$/.test(text)) return Number(text) * SECOND_MS;
  if (text !== undefined && /^\d{13}$/.test(text)) return Number(text);
  return instantOf(text);
}

/** Policies by which the controller never reads a second time, whatever it is told. */
function neverReads({ spec }: ExternalSecret): string | undefined {
  const { refreshPolicy = 'Periodic', refreshInterval = '1h' } = spec;
  if (refreshPolicy === 'CreatedOnce') {
    return 'its refreshPolicy is CreatedOnce, by which it never reads again: make it Periodic or OnChange';
  }
  if (refreshPolicy === 'OnChange' || /[1-9]/.test(refreshInterval)) return undefined;
  const interval = quotedWords(refreshInterval);
  return `its refreshInterval is ${interval}, by which it never reads again: give it one, or make its refreshPolicy OnChange`;
}
