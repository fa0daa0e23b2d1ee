/** The tasks of a benchmark process, by the name on its command line. */
export const CONTENDERS = [
  'waybill-xlsx',
  'exceljs',
  'waybill-csv',
  'fast-csv',
  'fast-csv-ready',
  'csv-stringify',
  'limit-cells',
  'limit-xml',
  'limit-deflate',
  'limit-crc',
  'waybill-xlsx-1',
  'waybill-xlsx-6',
  'waybill-xlsx-12',
] as const;

export type Contender = (typeof CONTENDERS)[number];

export function isContender(name: string | undefined): name is Contender {
  return CONTENDERS.some((contender) => contender === name);
}

/** The measurement that a process prints as its only line. */
export interface Sample {
  /** Bytes of the file, or of the input of a limit. */
  readonly bytes: number;
  /** Time from the first row to the last byte, without the start of the process. */
  readonly workMs: number;
  /** User and system time of all its threads, including its start. */
  readonly cpuMs: number;
  readonly rssMb: number;
  /** The longest time that the event loop was blocked while rows were written. */
  readonly stallMs: number;
  /** The 99th percentile of the time that a batch took to decompress meanwhile; only with several writers. */
  readonly zstdP99Ms?: number;
}

/** A sample with the time that the parent process measured. */
export interface Measurement extends Sample {
  /** Time from spawn to exit. */
  readonly wallMs: number;
}

export interface Task {
  readonly contender: Contender;
  readonly rows: number;
  /** Deflate level, for those that compress. */
  readonly level: number;
}
