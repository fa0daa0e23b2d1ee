import type { Progress, SecureListener, ServerName } from './native/index.ts';

/** The addresses of the servers. URLs have no trailing slash. */
export interface Addresses {
  /** Comma-separated `host:port`. */
  readonly kafka: { readonly brokers: string };
  /** The Confluent-compatible API, which ends in /apis/ccompat/v7. */
  readonly registry: { readonly url: string };
  readonly mongo: { readonly url: string };
  readonly redis: { readonly url: string };
  readonly s3: {
    readonly endpoint: string;
    readonly region: string;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
  };
  /** smtp://host:port */
  readonly smtp: { readonly url: string };
  /** Web page and API of the inbox of the SMTP server. */
  readonly inbox: { readonly url: string };
}

/** The addresses of one server. The mail server has two. */
export type AddressesOf<N extends ServerName> = Pick<
  Addresses,
  N extends 'mail' ? 'smtp' | 'inbox' : Exclude<N, 'mail'>
>;

export type Mode = 'native' | 'containers';

/** `soft` sends SIGTERM, `hard` sends SIGKILL like a crash. */
export type StopKind = 'soft' | 'hard';

/** A real server that this process has started. */
export interface RunningServer {
  readonly name: ServerName;
  /** Process id or container id since the last start. */
  readonly id: string;
  /** Its addresses, which stay the same after a restart. */
  readonly addresses: Partial<Addresses>;
  /** Stops the server and resolves when it has ended. Does nothing if it is stopped. `soft` by default. */
  stop(kind?: StopKind): Promise<void>;
  /**
   * Starts a stopped server again at the same address with its data, and resolves when it answers. MongoDB's memory
   * backend loses its data at a stop. Use `h2` if a test needs it.
   *
   * @throws TestbedError with the end of the log if it does not start.
   */
  start(): Promise<void>;
  /** Sends a signal to the server's process, such as SIGSTOP or SIGCONT for a server that hangs. */
  signal(signal: NodeJS.Signals): Promise<void>;
  /** Returns the last lines of its log. */
  logTail(): Promise<string>;
}

/** A server of one test, which can be stopped, suspended and started again. */
export interface DedicatedServer<N extends ServerName> extends RunningServer, AsyncDisposable {
  readonly addresses: AddressesOf<N>;
  /** Stops the server and removes its data. `await using` calls it. */
  discard(): Promise<void>;
}

export interface Stack<N extends ServerName = ServerName> extends AsyncDisposable {
  /** How the servers were started. Undefined if the environment has all addresses. */
  readonly mode: Mode | undefined;
  readonly addresses: AddressesOf<N>;
  /** The servers that were started here, without those in the environment. */
  readonly servers: Readonly<Partial<Record<ServerName, RunningServer>>>;
  /** Stops all servers and removes their data, unless a data directory is set. */
  stop(): Promise<void>;
}

/** Storage of MongoDB: memory (fast) or a file (durable). Containers are always durable. */
export type MongoBackend = 'memory' | 'h2';

export interface ServerOptions {
  /** By default WAYBILL_STACK, else native if its tools are installed, else containers. */
  readonly mode?: Mode;
  /** By default WAYBILL_MONGO_BACKEND, else memory. */
  readonly mongoBackend?: MongoBackend;
  /** Directory for data, which is kept after the stop. By default a temporary directory, which is removed. */
  readonly dataDirectory?: string;
  /** Directory for `<server>.log`. By default next to the data. */
  readonly logDirectory?: string;
  /** Only for a native Kafka. */
  readonly secureListener?: SecureListener;
  /** Receives progress lines. By default they go to standard error. */
  readonly onProgress?: Progress;
  /** Replaces `process.env`. */
  readonly environment?: NodeJS.ProcessEnv;
}

export interface StackOptions<N extends ServerName> extends ServerOptions {
  /** All six by default. */
  readonly servers?: readonly N[];
}

/** The servers could not be started. The message has the reason and the end of the log if there is one. */
export class TestbedError extends Error {
  override readonly name = 'TestbedError';
}
