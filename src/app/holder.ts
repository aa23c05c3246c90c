/** Finds the process that holds a journal by the note that it leaves beside it. */
import { readHolder } from '../journal/sqlite/holder.ts';

/** The socket on which the holder of this journal answers, if it said so. */
export async function socketOfHolder(journalPath: string): Promise<string | undefined> {
  return (await readHolder(journalPath))?.socket;
}
