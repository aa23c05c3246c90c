/**
 * Whether an ExternalSecret read its source anew for a need. Its controller reads when an annotation changes, and keeps when it began to
 * read, without the fraction of the second, in `status.refreshTime`. That is compared with when the API server took the annotation in,
 * never with our own clock. Pure.
 */
import { z } from 'zod';
import { quotedWords } from '../../domain/credential-shapes.ts';
import { AHEAD_MS_MAX, instantOf, throughAt } from './look.ts';
import type { Kind, Looked, Need } from './look.ts';
import { externalSecret as model } from './models.ts';

type ExternalSecret = z.output<typeof model>;

const FORCE_SYNC = 'force-sync';
const TOLD = '.told';
/** After its prefix. */
const ANNOTATION_LENGTH_MAX = 63;
const SECOND_MS = 1_000;

/** What we told it last, in an annotation of our own. */
interface Told {
  /** For which need, and when, by our clock. */
  readonly neededAt: number;
  readonly toldAt: number;
  /** When it had been told first for this need, by the cluster's clock, where it was told again since. */
  readonly after?: number;
}

export const externalSecret: Kind<ExternalSecret> = {
  model,
  look(object, need) {
    const never = neverReads(object);
    if (never !== undefined) return { state: 'refused', why: never };
    const told = toldIn(object, need);
    const takenIn = takenInAt(object, need);
    if (told === undefined || takenIn === undefined) return toTell(need);
    const since = told.after ?? takenIn;
    const ready = object.status.conditions.find(({ type }) => type === 'Ready');
    const read = ready?.status === 'True' ? instantOf(object.status.refreshTime ?? undefined) : undefined;
    if (read !== undefined && read >= since + SECOND_MS) {
      return throughAt(told.toldAt + Math.max(0, read - takenIn), need);
    }
    if (ready?.status === 'False') {
      const said = quotedWords(ready.message);
      return { state: 'unhealthy', why: `it is not Ready (${ready.reason ?? 'no reason'}: ${said})` };
    }
    if (read === undefined) {
      return { state: 'under-way', why: 'its controller has not read its source yet; see whether it runs' };
    }
    // It read in the second in which it was told, before that or after it: what it reads when it is told once more shows.
    if (read >= since && takenIn < since + SECOND_MS) return toTell(need, since);
    const last = new Date(read).toISOString();
    return {
      state: 'under-way',
      why: `its controller read its source last at ${last}, which is not after it was told`,
    };
  },
  describe({ spec, status }) {
    const ready = status.conditions.find(({ type }) => type === 'Ready');
    return `${ready?.status === 'True' ? 'Ready' : 'not Ready'}, policy ${spec.refreshPolicy ?? 'Periodic'}`;
  },
};

/** A new value for the annotation that people use for this as well, and what it was for. */
function toTell({ neededAt, now, installation }: Need, after?: number): Looked {
  const [needed, toldAt] = [neededAt, now].map((at) => new Date(at).toISOString());
  const told = {
    neededAt: needed,
    toldAt,
    ...(after === undefined ? {} : { after: new Date(after).toISOString() }),
  };
  const annotations = { [FORCE_SYNC]: toldAt ?? '', [annotationOf(installation)]: JSON.stringify(told) };
  return {
    state: 'to-begin',
    fields: { metadata: { annotations } },
    why: 'it was told to read its source just now',
  };
}

const instant = z.iso.datetime().transform((text) => Date.parse(text));

const toldModel = z.object({ neededAt: instant, toldAt: instant, after: instant.optional() });

/**
 * What we told it for this need or a later one: both are instants of our own clock. One that lies far ahead of now was dated by a clock
 * that was put right since, and says nothing.
 */
function toldIn({ metadata }: ExternalSecret, { neededAt, now, installation }: Need): Told | undefined {
  const parsed = toldModel.safeParse(jsonIn(metadata.annotations[annotationOf(installation)]));
  if (!parsed.success || parsed.data.neededAt < neededAt || parsed.data.toldAt > now + AHEAD_MS_MAX) {
    return undefined;
  }
  const { after, ...told } = parsed.data;
  return { ...told, ...(after === undefined ? {} : { after }) };
}

/** Two installations that name the same one do not overwrite what the other has told. */
function annotationOf(installation: string): string {
  return `rekeyd/${installation.slice(0, ANNOTATION_LENGTH_MAX - TOLD.length)}${TOLD}`;
}

function jsonIn(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** When the API server took in what we told it last, by its own clock: it keeps that for everybody who changes something. */
function takenInAt({ metadata }: ExternalSecret, { manager }: Need): number | undefined {
  const times = metadata.managedFields.flatMap((one) =>
    one.manager === manager && one.subresource === undefined ? (instantOf(one.time) ?? []) : [],
  );
  return times.length === 0 ? undefined : Math.max(...times);
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
