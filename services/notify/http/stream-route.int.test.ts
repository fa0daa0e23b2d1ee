import { waitFor } from '@waybill/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cancelled, sealedFor, succeeded, exportSpec } from '@waybill/fixtures';
import { freshJob, Harness } from '../testing/harness.ts';

let harness: Harness;

beforeAll(async () => {
  harness = await Harness.open();
  await harness.start();
});
afterAll(() => harness[Symbol.asyncDispose]());

async function publishFor(user: string, make = succeeded) {
  const { jobId, email } = freshJob();
  const personal = await sealedFor('company-1', user, { email });
  await harness.publish(
    make({ job_id: jobId, spec: exportSpec({ user_id: user, personal }), completed_at: Date.now() }),
  );
  return jobId;
}

/** Opens a stream; `text()` is what it has received so far. */
async function open(user: string, headers: Record<string, string> = {}) {
  const closing = new AbortController();
  const claims = { userId: user, companyId: 'company-1' };
  const path = '/iag/v1/notifications/stream';
  const response = await harness.request(path, claims, { headers, signal: closing.signal });
  let text = '';
  let ended = false;
  const reading = (async () => {
    if (response.body === null) return;
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) text += chunk;
    ended = true;
  })().catch(() => undefined);
  return {
    response,
    text: () => text,
    ended: () => ended,
    close: async () => {
      closing.abort();
      await reading;
    },
    until: (part: string) =>
      waitFor(() => text.includes(part), { limitMs: 20_000, what: `${part} in ${text}` }),
  };
}

describe('GET /iag/v1/notifications/stream', () => {
  it('sends the unread count and each new notification of its person only', async () => {
    const { user } = freshJob();
    const stream = await open(user);
    expect(stream.response.headers.get('content-type')).toContain('text/event-stream');
    await stream.until('event: unread\ndata: {"unread_count":0}');
    await publishFor(freshJob().user);
    const jobId = await publishFor(user);
    await stream.until('{"unread_count":1}');
    // A notification stored between the two queries is counted first and sent next.
    await stream.until(`"job_id":"${jobId}"`);
    expect(stream.text().match(/event: notification/g)).toHaveLength(1);
    await stream.close();
  });

  it('sends the unread count after notifications were read', async () => {
    const { user } = freshJob();
    const stream = await open(user);
    await publishFor(user);
    await stream.until('{"unread_count":1}');
    await harness.request(
      '/iag/v1/notifications/read',
      { userId: user, companyId: 'company-1' },
      { method: 'POST' },
    );
    await waitFor(() => stream.text().trimEnd().endsWith('{"unread_count":0}'), {
      limitMs: 20_000,
      what: 'the count',
    });
    await stream.close();
  });

  it('resumes after Last-Event-ID when the client reconnects', async () => {
    const { user } = freshJob();
    const first = await open(user);
    await publishFor(user);
    await first.until('event: notification');
    const id = /^id: (\S+)$/m.exec(first.text())?.[1] ?? '';
    await first.close();
    const missed = await publishFor(user, cancelled);
    await waitFor(() => harness.collections.notifications.findOne({ job_id: missed }), {
      limitMs: 20_000,
      what: 'the missed notification',
    });
    const second = await open(user, { 'Last-Event-ID': id });
    await second.until('{"unread_count":2}');
    expect(second.text().match(/event: notification/g)).toHaveLength(1);
    expect(second.text()).toContain(missed);
    await second.close();
  });

  it('requires a session and ends when the service stops', async () => {
    expect((await harness.request('/iag/v1/notifications/stream', undefined)).status).toBe(401);
    const stream = await open(freshJob().user);
    await stream.until('event: unread');
    await harness.stop();
    await waitFor(stream.ended, { limitMs: 4_000, what: 'the end of the stream' });
    await harness.start();
  });

  it('answers 429 to a person who has too many streams open, until one of them is closed', async () => {
    await using strict = await Harness.open();
    await strict.start({ STREAMS_PER_PERSON: '1' });
    const closing = new AbortController();
    const path = '/iag/v1/notifications/stream';
    const claims = { userId: freshJob().user, companyId: 'company-1' };
    const ask = async () => {
      const response = await strict.request(path, claims, { signal: closing.signal });
      return response.status;
    };
    expect(await ask()).toBe(200);
    const refused = await strict.request(path, claims);
    expect([refused.status, await refused.json()]).toMatchObject([
      429,
      { code: 'TOO_MANY_STREAMS', limit: 1 },
    ]);
    const other = new AbortController();
    const colleague = { ...claims, userId: freshJob().user };
    expect((await strict.request(path, colleague, { signal: other.signal })).status).toBe(200);
    closing.abort();
    const again = async () => (await strict.request(path, claims, { signal: other.signal })).status === 200;
    await waitFor(again, { limitMs: 20_000, what: 'the closed stream not to be counted any more' });
    other.abort();
  });
});
