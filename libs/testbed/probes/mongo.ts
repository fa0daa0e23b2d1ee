import { endpointOf, exchange } from './socket.ts';

const OP_MSG = 2013;

/** BSON of `{ping: 1, $db: "admin"}`. */
function ping(): Buffer {
  const fields = Buffer.concat([
    Buffer.from('\x10ping\0', 'latin1'),
    Buffer.from([1, 0, 0, 0]),
    Buffer.from('\x02$db\0', 'latin1'),
    Buffer.from([6, 0, 0, 0]),
    Buffer.from('admin\0', 'latin1'),
  ]);
  const document = Buffer.alloc(fields.length + 5);
  document.writeInt32LE(document.length, 0);
  fields.copy(document, 4);
  return document;
}

function request(): Buffer {
  const document = ping();
  const message = Buffer.alloc(21 + document.length); // Header 16, flags 4, section kind 1.
  message.writeInt32LE(message.length, 0);
  message.writeInt32LE(1, 4);
  message.writeInt32LE(OP_MSG, 12);
  document.copy(message, 21);
  return message;
}

/** Whether the reply says `ok: 1`; undefined until all of it is here. */
export function saysOk(received: Buffer): boolean | undefined {
  if (received.length < 4 || received.length < received.readInt32LE(0)) return undefined;
  const field = received.indexOf(Buffer.from('\x01ok\0', 'latin1'));
  return field >= 0 && received.length >= field + 12 && received.readDoubleLE(field + 4) === 1;
}

export async function probeMongo(url: string): Promise<void> {
  if (!(await exchange(endpointOf(url), request(), saysOk))) throw new Error('the reply to ping is not ok');
}
