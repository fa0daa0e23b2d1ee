import { keepTrying, type KeepTryingOptions } from './keep-trying.ts';

export interface PrepareOptions extends KeepTryingOptions {
  /** The constant message of the log line where no retry helps. */
  readonly failure: string;
}

/**
 * Does what must be done before any work, such as making indexes, however long its server is away. False where the
 * service is to stop first, or where no retry helps, which is logged. Never throws.
 */
export async function prepare(
  what: string,
  attempt: () => Promise<unknown>,
  { failure, ...options }: PrepareOptions,
): Promise<boolean> {
  try {
    await keepTrying(what, attempt, options);
    return true;
  } catch (error) {
    if (!options.signal.aborted) options.logger.error({ error }, failure);
    return false;
  }
}
