import type { FileFormat } from '@waybill/schemas';

/** Where the servers are and whose contacts are exported: all that a contender gets. */
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

/** One way to make the file: contacts in, an object in storage out. It is prepared once and run several times. */
export type Contender = (course: Course) => Promise<{
  /** Makes the file under a key. */
  run(key: string): Promise<Finish>;
}>;

/** A variable that the bench has put into the course. */
export function given({ environment }: Course, name: string): string {
  const value = environment[name];
  if (value === undefined) throw new Error(`The course lacks ${name}.`);
  return value;
}
