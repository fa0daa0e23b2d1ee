/** What one process of the benchmark does, by the name on its command line. */
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
] as const;

export type Contender = (typeof CONTENDERS)[number];

export function isContender(name: string | undefined): name is Contender {
  return CONTENDERS.some((contender) => contender === name);
}

/** What a process says of itself in its only line of output. */
export interface Sample {
  /** Bytes of the file, or of what a limit worked on. */
  readonly bytes: number;
  /** From the first row to the last byte; the processes' own start is not in it. */
  readonly workMs: number;
  /** User and system time of all its threads, its start included. */
  readonly cpuMs: number;
  readonly rssMb: number;
  /** The longest time that the event loop did not turn while rows were written. */
  readonly stallMs: number;
}

/** A sample with what only the parent can see. */
export interface Measurement extends Sample {
  /** From spawn to exit. */
  readonly wallMs: number;
}

export interface Task {
  readonly contender: Contender;
  readonly rows: number;
  /** Deflate level, for those that compress. */
  readonly level: number;
}
