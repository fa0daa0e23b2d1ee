/** Sends a message; resolves or rejects with its batch. `late` is aborted when the caller has timed out. */
type BatchedSend<M> = (message: M, late: AbortSignal) => Promise<void>;

/**
 * Returns a send that batches: it sends immediately when no request is in flight; messages that come meanwhile share the
 * next request. A message never waits for others to come, and a burst needs few requests. A message whose caller timed
 * out is not sent, since it could arrive after the caller's next message.
 */
export function batchSends<M>(sendAll: (messages: readonly M[]) => Promise<void>): BatchedSend<M> {
  let waiting: { readonly message: M; readonly late: AbortSignal }[] = [];
  let newest: Promise<void> = Promise.resolve();

  async function sendWaiting(previous: Promise<void>): Promise<void> {
    // The callers of the previous batch receive its error.
    await previous.catch(() => undefined);
    const wanted = waiting.filter(({ late }) => !late.aborted).map(({ message }) => message);
    waiting = [];
    if (wanted.length > 0) await sendAll(wanted);
  }

  return (message, late) => {
    waiting.push({ message, late });
    // The first message that waits starts a batch; messages that come before the batch is sent join it.
    if (waiting.length === 1) newest = sendWaiting(newest);
    return newest;
  };
}
