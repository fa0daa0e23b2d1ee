import type { Progress, ServerName } from './native/index.ts';

/** Where the servers answer. URLs have no trailing slash. */
export interface Addresses {
  /** `host:port`, several with commas. */
  readonly kafka: { readonly brokers: string };
  /** The Confluent-compatible API: ends in /apis/ccompat/v7. */
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
  /** Web page and API of the inbox that SMTP delivers into. */
  readonly inbox: { readonly url: string };
}

/** The part of the addresses that a server has; the mail server has two. */
export type AddressesOf<N extends ServerName> = Pick<
  Addresses,
  N extends 'mail' ? 'smtp' | 'inbox' : Exclude<N, 'mail'>
>;

export type Mode = 'native' | 'containers';

/** `soft` asks the server to end (SIGTERM), `hard` ends it at once (SIGKILL), as a crash would. */
export type StopKind = 'soft' | 'hard';

/** A real server that this process has started. */
export interface RunningServer {
  readonly name: ServerName;
  /** Process id or container id of its present life; of its last one while it is stopped. */
  readonly id: string;
  /** Its part of the stack's addresses; the same for all its lives. */
  readonly addresses: Partial<Addresses>;
  /** Resolves when the server is gone; does nothing to a stopped one. `soft` by default. */
  stop(kind?: StopKind): Promise<void>;
  /**
   * Starts a stopped server again, at the same address, with the data it had, and resolves when it answers. MongoDB's
   * memory backend is the exception: its data ends with the process (choose `h2` where a test needs it).
   *
   * @throws TestbedError with the end of the log where it does not come up.
   */
  start(): Promise<void>;
  /** Sends a signal to the server's process, such as SIGSTOP and SIGCONT for a server that hangs. */
  signal(signal: NodeJS.Signals): Promise<void>;
  /** The last lines of its log. */
  logTail(): Promise<string>;
}

/** A server that only one test uses, to be stopped, hung and started again. */
export interface DedicatedServer<N extends ServerName> extends RunningServer, AsyncDisposable {
  readonly addresses: AddressesOf<N>;
  /** Stops it for good and removes its data; `await using` calls it. */
  discard(): Promise<void>;
}

export interface Stack<N extends ServerName = ServerName> extends AsyncDisposable {
  /** How the servers were started; undefined where all addresses were given. */
  readonly mode: Mode | undefined;
  readonly addresses: AddressesOf<N>;
  /** The servers that were started here: not those whose address was given. */
  readonly servers: Readonly<Partial<Record<ServerName, RunningServer>>>;
  /** Stops all of them and removes their data, unless it is to be kept. */
  stop(): Promise<void>;
}

/** MongoDB's protocol over memory (fast) or over a file (durable); containers are always durable. */
export type MongoBackend = 'memory' | 'h2';

export interface ServerOptions {
  /** By default WAYBILL_STACK, else native where its tools are there, else containers. */
  readonly mode?: Mode;
  /** By default WAYBILL_MONGO_BACKEND, else memory. */
  readonly mongoBackend?: MongoBackend;
  /** Where data is put, and kept after the stop; a temporary directory that is removed by default. */
  readonly dataDirectory?: string;
  /** Where `<server>.log` is written; next to the data by default. */
  readonly logDirectory?: string;
  /** By default each line goes to the error stream. */
  readonly onProgress?: Progress;
  /** Read instead of `process.env`. */
  readonly environment?: NodeJS.ProcessEnv;
}

export interface StackOptions<N extends ServerName> extends ServerOptions {
  /** All six by default. */
  readonly servers?: readonly N[];
}

/** The servers could not be had; the message says why, with the end of the log where there is one. */
export class TestbedError extends Error {
  override readonly name = 'TestbedError';
}
