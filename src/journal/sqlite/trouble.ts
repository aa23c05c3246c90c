/** What went wrong in the worker, in a form that survives the way to the main thread. */
import { DamagedDatabaseError, OtherDatabaseError } from './connection.ts';
import type { Trouble } from './messages.ts';

/** Extended result codes carry the primary one in their lowest byte. */
const PRIMARY_CODE_MASK = 0xff;

/** SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_MISUSE, SQLITE_RANGE, SQLITE_ERROR: statements that are wrong. */
const BUGS: ReadonlySet<number> = new Set([1, 19, 20, 21, 25]);

export function troubleOf(error: unknown): Trouble {
  if (error instanceof OtherDatabaseError) return { kind: 'other-program' };
  if (error instanceof DamagedDatabaseError) return { kind: 'damaged', message: error.message };
  if (!(error instanceof Error)) return { kind: 'bug', message: String(error) };
  const code = codeOf(error);
  if (code !== undefined && !BUGS.has(code)) return { kind: 'sqlite', code, message: error.message };
  return {
    kind: 'bug',
    message: error.message,
    ...(error.stack === undefined ? {} : { stack: error.stack }),
  };
}

function codeOf(error: Error): number | undefined {
  const { errcode } = error as Error & { readonly errcode?: unknown };
  return typeof errcode === 'number' ? errcode & PRIMARY_CODE_MASK : undefined;
}
