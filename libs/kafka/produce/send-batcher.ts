/** Sends a message; resolves or rejects with the group that it went in. `late` is aborted when its caller has gone. */
type SendGrouped<M> = (message: M, late: AbortSignal) => Promise<void>;

/**
 * Sends at once when nothing is under way; what comes meanwhile goes together when that has ended. So a message never
 * waits for others to come, and a burst costs few requests. What its caller has given up by then is not sent: it would
 * come after what the caller sent next.
 */
export function grouped<M>(sendAll: (messages: readonly M[]) => Promise<void>): SendGrouped<M> {
  let waiting: { readonly message: M; readonly late: AbortSignal }[] = [];
  let newest: Promise<void> = Promise.resolve();

  async function sendWaiting(before: Promise<void>): Promise<void> {
    // Whoever had the turn before tells its own callers how it ended.
    await before.catch(() => undefined);
    const wanted = waiting.filter(({ late }) => !late.aborted).map(({ message }) => message);
    waiting = [];
    if (wanted.length > 0) await sendAll(wanted);
  }

  return (message, late) => {
    waiting.push({ message, late });
    // The first to wait begins a group; who comes before it goes is in it.
    if (waiting.length === 1) newest = sendWaiting(newest);
    return newest;
  };
}
