import { ExportError } from '@waybill/errors';
import type { Logger } from '@waybill/observability';
import {
  MongoAPIError,
  MongoClient,
  MongoError,
  MongoNotConnectedError,
  MongoServerError,
  MongoTopologyClosedError,
  type Db,
  type MongoClientOptions,
} from 'mongodb';

export interface StoreOptions {
  /** mongodb:// address. */
  readonly url: string;
  /** The one database of the service. */
  readonly database: string;
  readonly logger: Logger;
}

export interface Store {
  readonly db: Db;
  /** @throws ExportError SERVICE_UNAVAILABLE while MongoDB cannot be reached. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** So that a request is answered with 503 in seconds, and not after the driver's 30 s. */
const serverSelectionMs = 2_000;

const options: MongoClientOptions = {
  serverSelectionTimeoutMS: serverSelectionMs,
  connectTimeoutMS: serverSelectionMs,
  // Longer than any query here may take; a server that hangs is noticed by it.
  socketTimeoutMS: 60_000,
  maxPoolSize: 20,
  // Events in outboxes hold bytes, which the encoder of Avro wants as Buffer.
  promoteBuffers: true,
  retryWrites: false,
  writeConcern: { w: 'majority' },
};

/** How soon a first connection that failed is tried again; a try itself takes up to `serverSelectionMs`. */
const reconnectMs = 250;

/** Opens a database. The connection is made with the first operation, so this never fails and never waits. */
export function openStore({ url, database, logger }: StoreOptions): Store {
  const client = new MongoClient(url, options);
  const stopReconnecting = reconnect(client);
  client.on('serverHeartbeatFailed', () => logger.debug({ server: 'mongodb' }, 'heartbeat failed'));
  const db = client.db(database);
  return {
    db,
    async ping() {
      try {
        await db.command({ ping: 1 });
      } catch (error) {
        throw mapStoreError(error);
      }
    },
    close() {
      stopReconnecting();
      return client.close();
    },
  };
}

/**
 * A driver whose first connection fails closes its topology for good, and every later operation fails with "Topology is
 * closed" (mongodb 7.9): connecting again makes a new one. Once there was a connection the driver heals by itself.
 */
function reconnect(client: MongoClient): () => void {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  client.on('topologyClosed', () => {
    if (stopped) return;
    timer = setTimeout(() => {
      // What fails closes the topology again, and so comes back here.
      client.connect().catch(() => undefined);
    }, reconnectMs);
  });
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

/** Codes of MongoDB that a later try can help: not primary, shutting down, interrupted, host unreachable. */
const passingCodes: ReadonlySet<number> = new Set([
  6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436,
]);

/** Codes of sockets that were closed or refused, before the driver has made an error of its own of them. */
const socketCodes: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
]);

/** What the driver threw, as an ExportError: SERVICE_UNAVAILABLE where a later try can help, else EXPORT_FAILED. */
export function mapStoreError(error: unknown): ExportError {
  if (error instanceof ExportError) return error;
  return new ExportError(isPassing(error) ? 'SERVICE_UNAVAILABLE' : 'EXPORT_FAILED', { cause: error });
}

function isPassing(error: unknown): boolean {
  if (error instanceof MongoServerError) {
    return typeof error.code === 'number' && passingCodes.has(error.code);
  }
  // Calls on a connection that is not there, or not there yet: API errors by class, and no caller's fault here.
  if (error instanceof MongoTopologyClosedError || error instanceof MongoNotConnectedError) return true;
  // What is neither the server's answer nor a wrong call is about the connection: network, pool, server selection.
  if (error instanceof MongoError) return !(error instanceof MongoAPIError);
  return error instanceof Error && 'code' in error && socketCodes.has(error.code);
}
