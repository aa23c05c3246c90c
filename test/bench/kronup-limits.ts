// What both the emulated Kronup and the configuration of the daemon have to be told.

/** More calls a day than a bench makes. */
export const DAILY_LIMIT = 1_000_000_000;
