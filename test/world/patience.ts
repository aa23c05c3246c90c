/**
 * How long tests wait for what may never come. These limits end a run that hangs; they assert nothing. A machine that is shared can
 * stand still for half a minute, and whatever waits for a process, a container or a file then, waits as long.
 */

/** For something to happen: less than a test has, so that its failure says what did not happen. */
export const PATIENCE_MS = 150_000;

/** For a test. */
export const TEST_LIMIT_MS = 180_000;

/** For a test that starts many processes, and for what is started for many tests. */
export const LONG_LIMIT_MS = 600_000;
