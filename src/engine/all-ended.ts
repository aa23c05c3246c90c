/** Waits for several things at once, for all of them: nothing that was begun goes on unseen after a failure. */

/** Resolves when each has ended; rejects with the first failure, in the order given, once none is under way any more. */
export async function allEnded(things: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(things)).find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
