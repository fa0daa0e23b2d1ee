/** The servers that Waybill runs on. `mail` is one process with two faces: SMTP, and an inbox over HTTP. */
export const SERVER_NAMES = ['kafka', 'registry', 'mongo', 'redis', 's3', 'mail'] as const;
export type ServerName = (typeof SERVER_NAMES)[number];

/** Receives one line of what is going on, without a line end; never contains a secret. */
export type Progress = (line: string) => void;

/** Loopback ports of one server; `second` is Kafka's controller and the inbox's web page. */
export interface Ports {
  readonly first: number;
  readonly second: number;
}

/** Keys of the object storage that is started here: it listens on loopback only. */
export interface S3Keys {
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface LaunchOptions {
  /** Where the built files are: the answer of `ensureBuilt`. */
  readonly built: string;
  /** This server's own directory; it exists, and a stopped server finds its data there again. */
  readonly dataDirectory: string;
  readonly ports: Ports;
  readonly mongoBackend: 'memory' | 'h2';
  /** In the form that -Xmx takes; undefined: what small data needs. */
  readonly mongoHeap?: string | undefined;
  readonly s3: S3Keys;
}

/** A process to start. The server answers on the ports of the options once it is up. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  /** Added to the environment of the caller. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A reason why the native servers cannot be had here; the message says what to do. */
export class NativeStackError extends Error {
  override readonly name = 'NativeStackError';
}
