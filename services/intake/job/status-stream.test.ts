import { describe, expect, it } from 'vitest';
import { liveEvents, type LiveEvent, type LiveOptions } from './status-stream.ts';
import type { JobDocument } from './job-store.ts';
import { sampleJob } from '../testing/sample-job.ts';

/** A job that the test changes, and a bell that it rings. */
function watched(options: Partial<LiveOptions> = {}) {
  const stopping = new AbortController();
  let listener: (() => void) | undefined;
  // What a stream reads of a document is what a job has.
  let job: JobDocument | undefined = sampleJob({ version: 3 }) as JobDocument;
  let failure: Error | undefined;
  const events = liveEvents({
    read: () => (failure === undefined ? Promise.resolve(job) : Promise.reject(failure)),
    jobId: sampleJob()._id,
    seen: undefined,
    wakeUps: {
      listen: (_jobId, ring) => {
        listener = ring;
        return () => {
          listener = undefined;
        };
      },
    },
    pollMs: 60_000,
    heartbeatMs: 60_000,
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
    ring: () => listener?.(),
    listening: () => listener !== undefined,
  };
}

const versionOf = (result: IteratorResult<LiveEvent, unknown>): unknown =>
  result.done === true ? 'end' : result.value.kind === 'job' ? result.value.job.version : 'heartbeat';

describe('live events', () => {
  it('begin with the state as it is, and go on with each change that a wake-up tells of', async () => {
    const stream = watched();
    expect(versionOf(await stream.events.next())).toBe(3);
    const next = stream.events.next();
    stream.set({ version: 4 });
    stream.ring();
    expect(versionOf(await next)).toBe(4);
  });

  it('leave out what the client has seen', async () => {
    const stream = watched({ seen: 3 });
    const next = stream.events.next();
    stream.set({ version: 5 });
    stream.ring();
    expect(versionOf(await next)).toBe(5);
  });

  it('end after the last state and when the job is gone, and listen no more', async () => {
    const stream = watched();
    stream.set({ version: 4, status: 'completed' });
    expect(versionOf(await stream.events.next())).toBe(4);
    expect(versionOf(await stream.events.next())).toBe('end');
    expect(stream.listening()).toBe(false);
    const removed = watched();
    removed.set(undefined);
    expect(versionOf(await removed.events.next())).toBe('end');
  });

  it('see a change without a wake-up at the next poll', async () => {
    const stream = watched({ pollMs: 5 });
    await stream.events.next();
    const next = stream.events.next();
    stream.set({ version: 4 });
    expect(versionOf(await next)).toBe(4);
  });

  it('break a silence with a heartbeat', async () => {
    const stream = watched({ pollMs: 5, heartbeatMs: 12 });
    await stream.events.next();
    expect(versionOf(await stream.events.next())).toBe('heartbeat');
    expect(versionOf(await stream.events.next())).toBe('heartbeat');
  });

  it('outlive a store that does not answer', async () => {
    const stream = watched({ pollMs: 5 });
    await stream.events.next();
    stream.fail(new Error('down'));
    const next = stream.events.next();
    stream.ring();
    stream.fail(undefined);
    stream.set({ version: 4 });
    expect(versionOf(await next)).toBe(4);
  });

  it('end at once when the service stops', async () => {
    const stream = watched();
    await stream.events.next();
    const next = stream.events.next();
    stream.stopping.abort();
    expect(versionOf(await next)).toBe('end');
  });
});
