import { sharedAddresses } from '@waybill/testbed';
import { z } from 'zod';

const list = z.object({ messages: z.array(z.object({ ID: z.string() })) });
const message = z.object({
  ID: z.string(),
  MessageID: z.string(),
  Subject: z.string(),
  HTML: z.string(),
  Text: z.string(),
  To: z.array(z.object({ Name: z.string(), Address: z.string() })),
});

export type ReceivedEmail = z.output<typeof message>;

/** Returns the emails that the mail server accepted for an address, read with its API (mailpit). */
export async function emailsTo(
  address: string,
  inbox: string = sharedAddresses().inbox.url,
): Promise<readonly ReceivedEmail[]> {
  const query = new URLSearchParams({ query: `to:"${address}"` });
  const found = list.parse(await getJson(`${inbox}/api/v1/search?${query.toString()}`));
  return Promise.all(
    found.messages.map(async ({ ID }) => message.parse(await getJson(`${inbox}/api/v1/message/${ID}`))),
  );
}

/** Makes the server refuse MAIL FROM or RCPT TO with a code (mailpit's chaos); `{}` ends that. */
export async function refuse(inbox: string, triggers: object): Promise<void> {
  const response = await fetch(`${inbox}/api/v1/chaos`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(triggers),
  });
  if (!response.ok) throw new Error(`the mail server answered ${response.status}`);
}

async function getJson(url: string): Promise<unknown> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.json();
}
