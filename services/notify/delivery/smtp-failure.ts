import { asError } from '@waybill/errors';
import { z } from 'zod';
import type { SendResult } from './delivery.ts';

/** What nodemailer adds to its errors. */
const failureShape = z.object({
  code: z.string().optional().catch(undefined),
  responseCode: z.number().optional().catch(undefined),
});

/** Refused for what the message or its address is; any other failure is the connection's. */
const aboutTheMessage = new Set(['EENVELOPE', 'EMESSAGE']);

/**
 * What a failed send means.
 *
 * `contentBegan`: whether a byte of the message was handed to the connection. Until then the server cannot have taken it,
 * whatever broke. From then on only an answer of the server tells; without one, acceptance is unknown (RFC 5321
 * §4.5.3.2.6: a client that loses the answer to its final dot cannot know).
 *
 * A 5xx about the message or its address is permanent (RFC 5321 §4.2.1). A 5xx to signing in is not: an operator mends
 * the account, and the email is still wanted then.
 */
export function sendResultOf(error: unknown, contentBegan: boolean): SendResult {
  const reason = withoutAddresses(asError(error).message);
  const { code, responseCode } = failureShape.safeParse(error).data ?? {};
  const isAboutMessage = aboutTheMessage.has(code ?? '');
  if (responseCode !== undefined && isAboutMessage) {
    return { kind: 'refused', permanent: responseCode >= 500, reason };
  }
  if (contentBegan) return { kind: 'unknown', reason };
  return { kind: 'refused', permanent: isAboutMessage, reason };
}

/** Servers quote the address that they refuse; a reason goes into logs and headers, where no address belongs. */
function withoutAddresses(text: string): string {
  return text.replaceAll(/[^\s<>"'(),;:]+@[^\s<>"'(),;:]+/g, '[address]');
}
