/** A listener cannot be had: its address is taken, or may not be used. The message is for a person and says what to do. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}
