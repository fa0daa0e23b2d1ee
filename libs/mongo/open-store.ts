import type { Logger } from '@waybill/observability';
import {
  MongoClient,
  type Collection,
  type Db,
  type Document,
  type Filter,
  type IndexDescription,
  type MongoClientOptions,
} from 'mongodb';
import { stored } from './failure.ts';

export interface StoreOptions {
  /** mongodb:// address. */
  readonly url: string;
  /** The one database of the service. */
  readonly database: string;
  /** How long an operation waits for a server, in ms; 2 s by default. */
  readonly timeoutMs?: number;
  /** A server that sends nothing for this time counts as away, in ms; 60 s by default. */
  readonly socketTimeoutMs?: number;
  readonly logger: Logger;
}

export interface Store {
  readonly db: Db;
  /**
   * Resolves if MongoDB answers.
   * @throws ExportError SERVICE_UNAVAILABLE while it cannot be reached.
   */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** A request is answered with 503 after this time, instead of the driver's 30 s. */
const defaultTimeoutMs = 2_000;

/** Longer than any query here may take; detects a server that hangs. */
const defaultSocketTimeoutMs = 60_000;

const sharedOptions: MongoClientOptions = {
  // Without a limit an operation waits without end for a connection while all of them hang.
  waitQueueTimeoutMS: 10_000,
  maxPoolSize: 20,
  // Events in outboxes contain bytes, and the Avro encoder requires a Buffer.
  promoteBuffers: true,
  retryWrites: false,
  writeConcern: { w: 'majority' },
};

/** The delay before a failed first connection is retried; an attempt takes up to `timeoutMs`. */
const reconnectMs = 250;

/** Opens a database. It connects with the first operation, so this never fails and never waits. */
export function openStore(options: StoreOptions): Store {
  const { url, database, timeoutMs = defaultTimeoutMs, logger } = options;
  const client = new MongoClient(url, {
    ...sharedOptions,
    serverSelectionTimeoutMS: timeoutMs,
    connectTimeoutMS: timeoutMs,
    socketTimeoutMS: options.socketTimeoutMs ?? defaultSocketTimeoutMs,
  });
  const stopReconnecting = reconnect(client);
  client.on('serverHeartbeatFailed', () => logger.debug({ server: 'mongodb' }, 'heartbeat failed'));
  const db = client.db(database);
  return {
    db,
    async ping() {
      await stored(db.command({ ping: 1 }));
    },
    close() {
      stopReconnecting();
      return client.close();
    },
  };
}

/** Settings as `mongoSettings` and `crmSettings` of @waybill/config read them. */
export interface StoreSettings {
  readonly MONGODB_URL: string;
  readonly MONGODB_DATABASE: string;
  readonly MONGODB_CRM_DATABASE: string;
  readonly MONGODB_TIMEOUT_MS: number;
  readonly MONGODB_SOCKET_TIMEOUT_MS: number;
}

/** Opens the service's own database, and the CRM's, which is only read. */
export function storesFromSettings(settings: StoreSettings, logger: Logger): { store: Store; crm: Store } {
  const shared = {
    url: settings.MONGODB_URL,
    timeoutMs: settings.MONGODB_TIMEOUT_MS,
    socketTimeoutMs: settings.MONGODB_SOCKET_TIMEOUT_MS,
    logger,
  };
  return {
    store: openStore({ ...shared, database: settings.MONGODB_DATABASE }),
    crm: openStore({ ...shared, database: settings.MONGODB_CRM_DATABASE }),
  };
}

/**
 * Connects again after a failed first connection. The driver then closes its topology, and every later operation fails
 * with "Topology is closed" (mongodb 7.9). After a first connection the driver reconnects by itself.
 */
function reconnect(client: MongoClient): () => void {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  client.on('topologyClosed', () => {
    if (stopped) return;
    timer = setTimeout(() => {
      // A failure closes the topology again, which calls this listener again.
      client.connect().catch(() => undefined);
    }, reconnectMs);
  });
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

/** The indexes of each collection. Every service has one such table. */
export type IndexTable = Readonly<Record<string, readonly IndexDescription[]>>;

/** The index for the sweep of an outbox. Every collection with an outbox has it. */
export const outboxIndex: IndexDescription = {
  key: { outbox_pending: 1 },
  name: 'outbox_pending',
  partialFilterExpression: { outbox_pending: true },
};

/**
 * Creates the missing indexes. Repeating it changes nothing.
 * @throws ExportError SERVICE_UNAVAILABLE while MongoDB cannot be reached.
 */
export async function ensureIndexes(db: Db, table: IndexTable): Promise<void> {
  for (const [collection, indexes] of Object.entries(table)) {
    if (indexes.length > 0) await stored(db.collection(collection).createIndexes([...indexes]));
  }
}

/** Documents of one removal: a backlog takes several, so that none takes long. */
const removalLimit = 1_000;

/**
 * Removes documents that match, at most `limit` of them. Returns how many it removed.
 * @throws ExportError SERVICE_UNAVAILABLE while MongoDB cannot be reached.
 */
export async function removeUpTo<D extends Document>(
  collection: Collection<D>,
  filter: Filter<D>,
  limit = removalLimit,
): Promise<number> {
  const found = collection.find(filter, { projection: { _id: 1 } }).limit(limit);
  const ids = (await stored(found.toArray())).map(({ _id }) => _id);
  if (ids.length === 0) return 0;
  // The filter again, for a document that was changed meanwhile. The driver's types do not know that `_id` exists in D.
  const still = { $and: [{ _id: { $in: ids } }, filter] } as unknown as Filter<D>;
  return (await stored(collection.deleteMany(still))).deletedCount;
}
