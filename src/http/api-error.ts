/** What a route throws to answer with something else than a success. */

/** An answer that is no success: what is wrong and what to do, for a person. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly statusCode: number;

  constructor(statusCode: number, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}
