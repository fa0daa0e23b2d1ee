import { endpointOf, exchange } from './socket.ts';

/** The server greets with 220 (RFC 5321 §4.2) and knows EHLO. */
export async function probeSmtp(url: string): Promise<void> {
  const reply = await exchange(endpointOf(url), 'EHLO localhost\r\n', (received) => {
    const text = received.toString('latin1');
    if (!/^\d{3} /m.test(text.slice(text.indexOf('\n') + 1))) return undefined;
    return text;
  });
  if (!reply.startsWith('220') || !/^250 /m.test(reply)) throw new Error('the greeting is not that of SMTP');
}
