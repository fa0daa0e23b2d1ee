import { randomUUID } from 'node:crypto';
import { ExportError } from '@waybill/errors';
import { sharedAddresses, waitFor } from '@waybill/testbed';
import { describe, expect, it } from 'vitest';
import { startHangUpServer } from '../testing/hang-up-server.ts';
import { freshJob } from '../testing/harness.ts';
import { emailsTo } from '../testing/mailbox.ts';
import { createMailer, type Mailer } from './mailer.ts';

const never = new AbortController().signal;

function mailerOf(url: string, socketTimeoutMs = 10_000): Mailer & Disposable {
  const mailer = createMailer({
    url,
    from: 'Waybill <no-reply@example.com>',
    connections: 1,
    connectTimeoutMs: 2_000,
    socketTimeoutMs,
  });
  return { ...mailer, [Symbol.dispose]: () => mailer.close() };
}

function send(mailer: Mailer, to: string, beforeContent: () => Promise<void>) {
  const message = { subject: 'Subject', text: 'Text', html: '<p>Text</p>' };
  const envelope = { to, messageId: `<${randomUUID()}@example.com>` };
  return mailer.send(envelope, message, { beforeContent, signal: never });
}

describe('Mailer.send', () => {
  it('hands the message over only after beforeContent has resolved', async () => {
    using mailer = mailerOf(sharedAddresses().smtp.url);
    const { email } = freshJob();
    const called = Promise.withResolvers<undefined>();
    const released = Promise.withResolvers<undefined>();
    const sent = send(mailer, email, () => {
      called.resolve(undefined);
      return released.promise;
    });
    await called.promise;
    expect(await emailsTo(email)).toHaveLength(0);
    released.resolve(undefined);
    expect(await sent).toMatchObject({ kind: 'accepted' });
    expect(await emailsTo(email)).toHaveLength(1);
  });

  it('sends nothing if beforeContent rejects, and returns the cause', async () => {
    using mailer = mailerOf(sharedAddresses().smtp.url);
    const { email } = freshJob();
    const cause = new ExportError('SERVICE_UNAVAILABLE');
    expect(await send(mailer, email, () => Promise.reject(cause))).toEqual({ kind: 'not-sent', cause });
    expect(await send(mailer, email, () => Promise.resolve())).toMatchObject({ kind: 'accepted' });
    expect(await emailsTo(email)).toHaveLength(1);
  });

  it('returns unavailable if the connection breaks during beforeContent, after that has settled', async () => {
    await using server = await startHangUpServer({ instead: 'silence', at: ['content'] });
    using mailer = mailerOf(server.url, 300);
    const released = Promise.withResolvers<undefined>();
    let result: unknown;
    const sent = send(mailer, 'ani@example.com', () => released.promise).then((value) => (result = value));
    await waitFor(() => server.closed === 1, {
      limitMs: 10_000,
      what: 'the mailer to end the silent connection',
    });
    expect(result).toBeUndefined();
    released.resolve(undefined);
    await sent;
    expect(result).toMatchObject({ kind: 'unavailable' });
  });
});
