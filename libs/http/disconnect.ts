/** Codes of Node's errors after the other side has disconnected. */
const codes = new Set([
  'ECONNRESET',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ECONNABORTED',
  'ERR_STREAM_DESTROYED',
]);

/** The client disconnected before its request was read. There is no one to answer, and it is not a fault of ours. */
export class ClientDisconnected extends Error {
  override readonly name = 'ClientDisconnected';
}

/** Returns whether an error only means that the client disconnected. */
export function isDisconnect(error: unknown): boolean {
  if (error instanceof ClientDisconnected) return true;
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.has(error.code);
}
