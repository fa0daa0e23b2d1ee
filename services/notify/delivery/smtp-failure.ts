import { asError } from '@waybill/errors';
import { z } from 'zod';
import type { SendResult } from './delivery.ts';

/** The properties that nodemailer adds to its errors. */
const failureShape = z.object({
  code: z.string().optional().catch(undefined),
  responseCode: z.number().optional().catch(undefined),
});

/** nodemailer's codes for a refused address or message. Any other code concerns the connection. */
const aboutTheMessage = new Set(['EENVELOPE', 'EMESSAGE']);

/**
 * Converts the error of a failed send to its result.
 *
 * `contentStarted`: whether a byte of the message was handed to the connection. Until then the server cannot have
 * accepted it. From then on only an answer of the server is proof: without one, acceptance is unknown (RFC 5321
 * §4.5.3.2.6: a client that loses the answer to its final dot cannot know).
 *
 * A 5xx about the message or its address is permanent (RFC 5321 §4.2.1). A 5xx to the sign-in is not: the email is sent
 * once an operator has corrected the account.
 */
export function sendResultOf(error: unknown, contentStarted: boolean): SendResult {
  const reason = withoutAddresses(asError(error).message);
  const { code, responseCode } = failureShape.safeParse(error).data ?? {};
  const isAboutMessage = aboutTheMessage.has(code ?? '');
  if (responseCode !== undefined && isAboutMessage) {
    return { kind: 'refused', permanent: responseCode >= 500, reason };
  }
  if (contentStarted) return { kind: 'unknown', reason };
  return isAboutMessage ? { kind: 'refused', permanent: true, reason } : { kind: 'unavailable', reason };
}

/** Removes addresses: servers quote the one that they refuse, and the reason goes into logs and headers. */
function withoutAddresses(text: string): string {
  return text.replaceAll(/[^\s<>"'(),;:]+@[^\s<>"'(),;:]+/g, '[address]');
}
