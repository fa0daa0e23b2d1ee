import { keepTrying, type KeepTryingOptions } from './keep-trying.ts';

export interface PrepareOptions extends KeepTryingOptions {
  /** The constant message of the log line for an error that is not retryable. */
  readonly failure: string;
}

/**
 * Does what is required before any work, such as creating indexes, and retries while its server is down. Returns false if
 * the service stops first, or after an error that is not retryable, which is logged. Never throws.
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
