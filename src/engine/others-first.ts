/**
 * Lets everything that is ready on the event loop go first. Twenty mints that are answered together are then all written before
 * the first of them is recorded, and all requests are prepared before the first is sent.
 */

export function othersFirst(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
