import type { Logger } from '@waybill/observability';
import { MongoClient, type Db, type IndexDescription, type MongoClientOptions } from 'mongodb';
import { mapStoreError } from './failure.ts';

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

/** The indexes of each collection; every service has one such table. */
export type IndexTable = Readonly<Record<string, readonly IndexDescription[]>>;

/** The index that the sweep of an outbox needs; belongs to every collection whose documents carry events. */
export const outboxIndex: IndexDescription = {
  key: { outbox_pending: 1 },
  name: 'outbox_pending',
  partialFilterExpression: { outbox_pending: true },
};

/** Creates what is missing; repeating it changes nothing. @throws ExportError SERVICE_UNAVAILABLE. */
export async function ensureIndexes(db: Db, table: IndexTable): Promise<void> {
  try {
    for (const [collection, indexes] of Object.entries(table)) {
      if (indexes.length > 0) await db.collection(collection).createIndexes([...indexes]);
    }
  } catch (error) {
    throw mapStoreError(error);
  }
}
