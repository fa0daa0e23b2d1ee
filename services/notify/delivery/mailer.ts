import { Readable } from 'node:stream';
import { causeOf, type ExportError } from '@waybill/errors';
import { createTransport } from 'nodemailer';
import type { Message } from '../email/frame.ts';
import type { SendResult } from './delivery.ts';
import { sendResultOf } from './smtp-failure.ts';

export interface MailerOptions {
  /** smtp:// or smtps://, with user and password where the server requires them. */
  readonly url: string;
  /** Such as `Waybill <no-reply@example.com>`. */
  readonly from: string;
  readonly connections: number;
  readonly connectTimeoutMs: number;
  readonly socketTimeoutMs: number;
}

export interface Envelope {
  readonly to: string;
  readonly name?: string | undefined;
  readonly messageId: string;
}

export interface SendOptions {
  /** Called when the server is ready for the message, before its first byte. If it rejects, nothing is handed over. */
  readonly beforeContent: () => Promise<void>;
  readonly signal: AbortSignal;
}

export interface Mailer {
  /** Sends one message. Never rejects: a failure is a result. An abort ends the send at once. */
  send(envelope: Envelope, message: Message, options: SendOptions): Promise<SendResult>;
  close(): void;
}

/** Creates a mailer over a pool of connections to one mail server. */
export function createMailer(options: MailerOptions): Mailer {
  const transport = createTransport({
    pool: true,
    url: options.url,
    maxConnections: options.connections,
    connectionTimeout: options.connectTimeoutMs,
    greetingTimeout: options.connectTimeoutMs,
    dnsTimeout: options.connectTimeoutMs,
    socketTimeout: options.socketTimeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  // By Message-ID. A message whose content was not read cannot have reached the server.
  const inFlight = new Map<string, HandOver>();
  transport.use('stream', (mail, next) => {
    const handOver = inFlight.get(String(mail.data.messageId));
    if (handOver !== undefined) {
      mail.message.processFunc((content) => Readable.from(guarded(content, handOver), { objectMode: false }));
    }
    next();
  });
  return {
    send: async (envelope, message, { beforeContent, signal }) => {
      const handOver: HandOver = { beforeContent, state: 'waiting', called: undefined, refusal: undefined };
      inFlight.set(envelope.messageId, handOver);
      try {
        const sent = await transport.sendMail({
          from: options.from,
          to: { name: envelope.name ?? '', address: envelope.to },
          messageId: envelope.messageId,
          subject: message.subject,
          text: message.text,
          html: message.html,
          // RFC 3834: prevents automatic replies.
          headers: { 'Auto-Submitted': 'auto-generated' },
          signal,
        });
        return { kind: 'accepted', response: sent.response };
      } catch (error) {
        if (handOver.state === 'waiting') handOver.state = 'over';
        // A connection may break while the call is under way, which must not take effect after the result.
        await handOver.called;
        if (handOver.refusal !== undefined) return { kind: 'not-sent', cause: handOver.refusal };
        return sendResultOf(error, handOver.state === 'started');
      } finally {
        inFlight.delete(envelope.messageId);
      }
    },
    close: () => transport.close(),
  };
}

/** How far one message has come. */
interface HandOver {
  readonly beforeContent: () => Promise<void>;
  /** Whether its first byte was passed to the connection (`started`), or never will be (`over`). */
  state: 'waiting' | 'started' | 'over';
  /** Resolves when `beforeContent` has settled. */
  called: Promise<void> | undefined;
  /** What `beforeContent` rejected with. */
  refusal: ExportError | undefined;
}

/** Yields the content once `beforeContent` has resolved. nodemailer reads it when the server has answered 354. */
async function* guarded(content: Readable, handOver: HandOver): AsyncGenerator {
  handOver.called = handOver.beforeContent().catch((error: unknown) => {
    handOver.refusal = causeOf(error);
  });
  await handOver.called;
  if (handOver.refusal !== undefined) throw handOver.refusal;
  if (handOver.state === 'over') return;
  handOver.state = 'started';
  yield* content;
}

/** Returns the domain of a sender such as `Waybill <no-reply@example.com>`. */
export function domainOf(from: string): string {
  return /@([^\s<>@]+)>?\s*$/.exec(from)?.[1] ?? 'localhost';
}
