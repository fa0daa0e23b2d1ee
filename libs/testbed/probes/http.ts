const LIMIT_MS = 2_000;

/**
 * Gets a page and checks its status and that its text has the mark.
 *
 * @throws Error that says what came instead.
 */
export async function probeHttp(url: string, status: number, mark: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(LIMIT_MS), redirect: 'manual' });
  const text = await response.text();
  if (response.status !== status || !text.includes(mark)) {
    throw new Error(`${url} answers ${String(response.status)}, expected ${String(status)} with ${mark}`);
  }
}
