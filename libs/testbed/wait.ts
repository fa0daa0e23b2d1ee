export interface WaitOptions {
  /** Milliseconds until the wait is given up. */
  readonly limitMs: number;
  /** Milliseconds between two looks; 50 by default. */
  readonly everyMs?: number;
  /** Completes the sentence "waited for …" of the error. */
  readonly what: string;
}

/**
 * Looks at a condition until it holds, and answers with its value: anything but undefined, null and false holds. What
 * the condition throws counts as "not yet"; the last of it is the cause of the error.
 *
 * @throws Error when the limit is over.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { limitMs, everyMs = 50, what }: WaitOptions,
): Promise<Exclude<T, undefined | null | false>> {
  const end = performance.now() + limitMs;
  let failure: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value !== undefined && value !== null && value !== false) {
        // The three values that do not hold are ruled out above, which narrows no generic type.
        return value as Exclude<T, undefined | null | false>;
      }
      failure = undefined;
    } catch (error) {
      failure = error;
    }
    if (performance.now() >= end) {
      const last = failure instanceof Error ? `; the last failure was: ${failure.message}` : '';
      throw new Error(`waited for ${what}, in vain for ${String(limitMs)} ms${last}`, { cause: failure });
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
