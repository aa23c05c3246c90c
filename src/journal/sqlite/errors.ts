/** Trouble with the journal's file, in words for a person: what, where, why, and what to do next. */
import { JournalError } from '../../ports/journal.ts';
import type { JournalHolder } from './holder.ts';
import { holderPath } from './holder.ts';
import type { Trouble } from './messages.ts';

const NO_SECRET = 'No credential is kept in it, so none is lost with it';

/** The error for what the worker reported. A mistake of the program stays one. */
export function errorOf(path: string, trouble: Trouble, holder?: JournalHolder): Error {
  switch (trouble.kind) {
    case 'sqlite':
      return sqliteError(path, trouble, holder);
    case 'damaged':
      return damaged(path, trouble.message);
    case 'other-program':
      return new JournalError(
        'damaged',
        `${path} is a database of another program, not a journal. Give the journal a path of its own.`,
      );
    case 'too-new':
      return new JournalError(
        'too-new',
        `The journal ${path} was changed by a newer rekeyd: it has migration ${trouble.found}, and this version knows ` +
          `${trouble.known} and can go back by one. Run that newer version again, or at most one release before it; or ` +
          'put back a copy of the journal from before the upgrade; or move the file away and start with an empty one ' +
          `(${NO_SECRET.toLowerCase()}, but pauses, request ids and history are).`,
      );
    case 'bug': {
      const error = new Error(`the journal's worker failed: ${trouble.message}`);
      if (trouble.stack !== undefined) error.stack = trouble.stack;
      return error;
    }
  }
}

function sqliteError(
  path: string,
  { code, message }: Extract<Trouble, { readonly kind: 'sqlite' }>,
  holder: JournalHolder | undefined,
): JournalError {
  switch (code) {
    // SQLITE_PERM, SQLITE_READONLY
    case 3:
    case 8:
      return new JournalError(
        'read-only',
        `The journal ${path} cannot be written: ${message}. Its file, its folder or the volume is read-only for this ` +
          'user. Give this user write access to the folder, or mount the volume writable.',
      );
    // SQLITE_BUSY, SQLITE_LOCKED
    case 5:
    case 6:
      return held(path, holder);
    // SQLITE_FULL
    case 13:
      return new JournalError(
        'full',
        `The journal ${path} cannot grow: ${message}. Free some space on its volume or enlarge it, then start again; ` +
          'what was committed before is kept.',
      );
    // SQLITE_CORRUPT, SQLITE_NOTADB
    case 11:
    case 26:
      return damaged(path, message);
    default:
      return unavailable(path, `${message} (SQLite ${code})`);
  }
}

function damaged(path: string, why: string): JournalError {
  return new JournalError(
    'damaged',
    `The journal ${path} is damaged: ${why}. Put a good copy of it there, or move it away and start with an empty one. ` +
      `${NO_SECRET}; pauses, request ids and history are.`,
  );
}

function held(path: string, holder: JournalHolder | undefined): JournalError {
  let who = `another process, which has not written down in ${holderPath(path)} who it is`;
  if (holder !== undefined) {
    who = `process ${holder.pid} on ${holder.host}, since ${new Date(holder.since).toISOString()}`;
    if (holder.socket !== undefined) who += `, which answers at ${holder.socket}`;
  }
  return new JournalError(
    'held',
    `The journal ${path} is held by ${who}. One process at a time may have it: stop that one, ask it by its socket, or ` +
      'use another journal.',
  );
}

/** Anything else that keeps the file from being used. */
export function unavailable(path: string, why: string): JournalError {
  return new JournalError(
    'unavailable',
    `The journal ${path} cannot be used: ${why}. Check that the path is right and that its volume is mounted and ` +
      'healthy, then start again.',
  );
}
