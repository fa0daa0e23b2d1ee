import { scrub } from './scrub.ts';

/** How many causes are followed: more than any chain here has, and an end for one that bites its tail. */
const maximumCauses = 5;

/** What a log line says of an error. */
export interface ErrorFields {
  readonly type: string;
  readonly code?: string | number;
  readonly message: string;
  readonly stack?: string;
  readonly cause?: unknown;
}

/** An error as JSON: only these five properties, since others may carry whole requests. Texts are scrubbed. */
export function describeError(error: Error, depth = 0): ErrorFields {
  const code: unknown = 'code' in error ? error.code : undefined;
  return {
    type: error.name,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    message: scrub(error.message),
    ...(error.stack === undefined ? {} : { stack: scrub(error.stack) }),
    ...(error.cause === undefined || depth >= maximumCauses ? {} : { cause: causeOf(error.cause, depth) }),
  };
}

function causeOf(cause: unknown, depth: number): unknown {
  if (cause instanceof Error) return describeError(cause, depth + 1);
  return typeof cause === 'string' ? scrub(cause) : `[${typeof cause}]`;
}
