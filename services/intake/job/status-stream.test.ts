import { describe, expect, it } from 'vitest';
import { statusStream, type StatusStreamOptions } from './status-stream.ts';
import type { JobDocument } from './job-store.ts';
import { sampleJob } from '../testing/sample-job.ts';

/** A stream of a job that the test changes and sends notifications for. */
function openStream(options: Partial<StatusStreamOptions> = {}) {
  const stopping = new AbortController();
  let listener: (() => void) | undefined;
  // What a stream reads of a document is what a job has.
  let job: JobDocument | undefined = sampleJob({ version: 3 }) as JobDocument;
  let failure: Error | undefined;
  const events = statusStream({
    read: () => (failure === undefined ? Promise.resolve(job) : Promise.reject(failure)),
    jobId: sampleJob()._id,
    seen: undefined,
    notifications: {
      subscribe: (_jobId, onChange) => {
        listener = onChange;
        return () => {
          listener = undefined;
        };
      },
    },
    pollMs: 60_000,
    signal: stopping.signal,
    ...options,
  });
  return {
    events,
    stopping,
    set: (state: Partial<JobDocument> | undefined) => {
      job = state === undefined ? undefined : (sampleJob(state) as JobDocument);
    },
    fail: (error: Error | undefined) => {
      failure = error;
    },
    notify: () => listener?.(),
    subscribed: () => listener !== undefined,
  };
}

const versionOf = (result: IteratorResult<JobDocument, unknown>): unknown =>
  result.done === true ? 'end' : result.value.version;

describe('status stream', () => {
  it('starts with the current state and continues after each notification', async () => {
    const stream = openStream();
    expect(versionOf(await stream.events.next())).toBe(3);
    const next = stream.events.next();
    stream.set({ version: 4 });
    stream.notify();
    expect(versionOf(await next)).toBe(4);
  });

  it('skips the versions that the client has', async () => {
    const stream = openStream({ seen: 3 });
    const next = stream.events.next();
    stream.set({ version: 5 });
    stream.notify();
    expect(versionOf(await next)).toBe(5);
  });

  it('ends and unsubscribes after a terminal state and after the job was removed', async () => {
    const stream = openStream();
    stream.set({ version: 4, status: 'completed' });
    expect(versionOf(await stream.events.next())).toBe(4);
    expect(versionOf(await stream.events.next())).toBe('end');
    expect(stream.subscribed()).toBe(false);
    const removed = openStream();
    removed.set(undefined);
    expect(versionOf(await removed.events.next())).toBe('end');
  });

  it('sends a change without a notification at the next poll', async () => {
    const stream = openStream({ pollMs: 5 });
    await stream.events.next();
    const next = stream.events.next();
    stream.set({ version: 4 });
    expect(versionOf(await next)).toBe(4);
  });

  it('continues after MongoDB did not answer', async () => {
    const stream = openStream({ pollMs: 5 });
    await stream.events.next();
    stream.fail(new Error('down'));
    const next = stream.events.next();
    stream.notify();
    stream.fail(undefined);
    stream.set({ version: 4 });
    expect(versionOf(await next)).toBe(4);
  });

  it('ends at once when the service stops', async () => {
    const stream = openStream();
    await stream.events.next();
    const next = stream.events.next();
    stream.stopping.abort();
    expect(versionOf(await next)).toBe('end');
  });
});
