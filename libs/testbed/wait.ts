export interface WaitOptions {
  /** Time limit in milliseconds. */
  readonly limitMs: number;
  /** Milliseconds between two checks. 50 by default. */
  readonly everyMs?: number;
  /** Completes the sentence "waited for …" of the error. */
  readonly what: string;
}

/**
 * Checks a condition until it returns a value other than undefined, null and false, and returns that value. Continues
 * while the condition throws.
 *
 * @throws Error after the limit. Its cause is the last error of the condition.
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
        // The three values are excluded above, but TypeScript does not narrow a generic type.
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
