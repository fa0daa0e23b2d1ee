import type { Readable } from 'node:stream';
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

export interface Mailer {
  /** Sends one message. Never rejects: a failure is a result. An abort ends the send at once. */
  send(envelope: Envelope, message: Message, signal: AbortSignal): Promise<SendResult>;
  /** @throws Error where the mail server does not greet. */
  ping(): Promise<void>;
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
  // The content of each message in flight, by Message-ID. A content that was not read cannot have reached the server.
  const contents = new Map<string, Readable>();
  transport.use('stream', (mail, next) => {
    mail.message.processFunc((content) => {
      contents.set(String(mail.data.messageId), content);
      return content;
    });
    next();
  });
  return {
    send: async (envelope, message, signal) => {
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
        return sendResultOf(error, contents.get(envelope.messageId)?.readableDidRead === true);
      } finally {
        contents.delete(envelope.messageId);
      }
    },
    ping: async () => {
      await transport.verify();
    },
    close: () => transport.close(),
  };
}

/** Returns the domain of a sender such as `Waybill <no-reply@example.com>`. */
export function domainOf(from: string): string {
  return /@([^\s<>@]+)>?\s*$/.exec(from)?.[1] ?? 'localhost';
}
