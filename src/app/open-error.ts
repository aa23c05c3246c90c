/** Providers or stores of a configuration that cannot be opened. The message is for a person and says what to do. */

/** One provider or store. */
export interface OpenFailure {
  /** Where it stands in the configuration, such as `providers.kronup`. */
  readonly path: string;
  readonly message: string;
}

export class OpenError extends Error {
  override readonly name = 'OpenError';
  readonly failures: readonly OpenFailure[];

  constructor(failures: readonly OpenFailure[]) {
    super(failures.map(({ path, message }) => `${path} ${message}`).join('\n'));
    this.failures = failures;
  }
}
