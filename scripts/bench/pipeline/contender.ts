import type { FileFormat } from '@waybill/schemas';

/** The input of a contender: the addresses of the servers and the company to export. */
export interface Course {
  readonly environment: Readonly<Record<string, string>>;
  readonly company: string;
  readonly bucket: string;
  readonly format: FileFormat;
  readonly fields: readonly string[];
}

export interface Finish {
  readonly rows: number;
  readonly bytes: number;
}

/** One way to write the contacts to a file in the object storage. Prepared once and run several times. */
export type Contender = (course: Course) => Promise<{
  /** Writes the file with this key. */
  run(key: string): Promise<Finish>;
}>;

/** Returns a variable of the course. @throws Error if it is missing. */
export function given({ environment }: Course, name: string): string {
  const value = environment[name];
  if (value === undefined) throw new Error(`The course lacks ${name}.`);
  return value;
}
