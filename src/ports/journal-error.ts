/** What is thrown where the journal itself cannot be used, which ends the process. */

/** What went wrong with the journal as a whole. */
export type JournalErrorCode =
  | 'held'
  | 'read-only'
  | 'full'
  | 'unavailable'
  | 'damaged'
  | 'too-new'
  | 'network-file-system'
  | 'not-trusted';

export class JournalError extends Error {
  override readonly name = 'JournalError';
  readonly code: JournalErrorCode;

  /** `message` says what, where, why and what to do next. */
  constructor(code: JournalErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
