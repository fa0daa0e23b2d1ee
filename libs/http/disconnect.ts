/** What Node says when the other side has gone. */
const codes = new Set([
  'ECONNRESET',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ECONNABORTED',
  'ERR_STREAM_DESTROYED',
]);

/** The client went away before its request was read: there is nobody to answer, and nothing is wrong with us. */
export class ClientDisconnected extends Error {
  override readonly name = 'ClientDisconnected';
}

/** Whether an error only says that the client went away. */
export function isDisconnect(error: unknown): boolean {
  if (error instanceof ClientDisconnected) return true;
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.has(error.code);
}
