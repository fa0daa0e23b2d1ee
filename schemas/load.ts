import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** An Avro schema as JSON. */
export type AvroJson = string | readonly AvroJson[] | { readonly [key: string]: unknown };

const directory = join(import.meta.dirname, 'avro');

/**
 * Shared records by their Avro name. They are inlined where they are first used, because each subject of the registry
 * must be complete: not every client resolves schema references.
 */
const sharedFiles: Readonly<Record<string, string>> = {
  SealedData: 'shared/sealed_data',
  Failure: 'shared/failure',
  Count: 'shared/count',
  CsvOptions: 'shared/csv_options',
  XlsxOptions: 'shared/xlsx_options',
  ExportSpec: 'shared/export_spec',
};

function readSchema(path: string): AvroJson {
  return JSON.parse(readFileSync(join(directory, `${path}.avsc`), 'utf8')) as AvroJson; // our own files, checked by avsc
}

function inline(node: AvroJson, defined: Set<string>): AvroJson {
  if (typeof node === 'string') {
    const file = sharedFiles[node];
    if (file === undefined || defined.has(node)) return node;
    defined.add(node);
    return inline(readSchema(file), defined);
  }
  if (isList(node)) return node.map((part) => inline(part, defined));
  const copy: Record<string, unknown> = { ...node };
  for (const key of ['type', 'items', 'values']) {
    // The `type` of a complex type is a keyword such as "record"; only names of shared records are replaced.
    if (copy[key] !== undefined) copy[key] = inline(copy[key] as AvroJson, defined); // Avro: these hold schemas
  }
  if (Array.isArray(copy['fields'])) {
    copy['fields'] = copy['fields'].map((field: AvroJson) => inline(field, defined));
  }
  return copy;
}

function isList(node: AvroJson): node is readonly AvroJson[] {
  return Array.isArray(node);
}

/** Returns the complete schema of a record, by its file name without the ending. @throws if there is no such file. */
export function loadSchema(record: string): AvroJson {
  return inline(readSchema(record), new Set());
}
