/** The servers that Waybill uses. `mail` is one process with SMTP and an inbox over HTTP. */
export const SERVER_NAMES = ['kafka', 'registry', 'mongo', 'redis', 's3', 'mail'] as const;
export type ServerName = (typeof SERVER_NAMES)[number];

/** Receives one progress line without a line end. Lines contain no secrets. */
export type Progress = (line: string) => void;

/** Loopback ports of one server. `second` is that of Kafka's controller and of the inbox's web page. */
export interface Ports {
  readonly first: number;
  readonly second: number;
}

/** Keys of the local object storage. */
export interface S3Keys {
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface LaunchOptions {
  /** Directory of the built servers, as returned by `ensureBuilt`. */
  readonly built: string;
  /** Existing directory for the data of the server, which is kept over a stop. */
  readonly dataDirectory: string;
  readonly ports: Ports;
  readonly mongoBackend: 'memory' | 'h2';
  /** Heap in the form of -Xmx. Undefined is enough for small data. */
  readonly mongoHeap?: string | undefined;
  readonly s3: S3Keys;
  /** A second listener of Kafka, with TLS and SASL. */
  readonly secureListener?: SecureListener | undefined;
}

/** A listener `SASL_SSL` of a broker. */
export interface SecureListener {
  /** `host:port` */
  readonly address: string;
  /** Settings of the broker, such as its certificate and its users. */
  readonly settings: Readonly<Record<string, string>>;
}

/** A process to start. The server answers on the ports of the options. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  /** Added to the environment of the caller. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** The native servers cannot be built or run here. The message says what to do. */
export class NativeStackError extends Error {
  override readonly name = 'NativeStackError';
}
