import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import avro from 'avsc';
import { loadSchema, type AvroJson } from './load.ts';
import { topics } from './topics.ts';

const versionsDirectory = join(import.meta.dirname, 'versions');

function parse(schema: AvroJson): avro.Type {
  return avro.Type.forSchema(structuredClone(schema) as avro.Schema); // loaded files; avsc checks them
}

function records(): readonly string[] {
  return [...new Set(topics.map((topic) => topic.record))];
}

function versionFiles(record: string): readonly string[] {
  const directory = join(versionsDirectory, record);
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .sort((left, right) => Number.parseInt(left, 10) - Number.parseInt(right, 10))
    .map((file) => join(directory, file));
}

function readVersion(path: string): AvroJson {
  return JSON.parse(readFileSync(path, 'utf8')) as AvroJson; // written by releaseVersions
}

/** Returns why a reader with one schema cannot read events of a writer with the other, or undefined if it can. */
export function incompatibility(reader: AvroJson, writer: AvroJson): string | undefined {
  try {
    parse(reader).createResolver(parse(writer));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Returns every violation of FULL_TRANSITIVE against the released versions of a schema, oldest first. */
export function faultsAgainst(
  record: string,
  current: AvroJson,
  released: readonly AvroJson[],
): readonly string[] {
  if (released.length === 0) return [`${record}: no released version; run npm run schemas -- release`];
  return released.flatMap((old, index) => {
    const backward = incompatibility(current, old);
    const forward = incompatibility(old, current);
    const version = `version ${index + 1}`;
    return [
      ...(backward === undefined ? [] : [`${record}: new readers fail on events of ${version}: ${backward}`]),
      ...(forward === undefined ? [] : [`${record}: readers of ${version} fail on new events: ${forward}`]),
    ];
  });
}

/** Returns the violations of all schemas. */
export function compatibilityFaults(): readonly string[] {
  return records().flatMap((record) =>
    faultsAgainst(record, loadSchema(record), versionFiles(record).map(readVersion)),
  );
}

/** Stores each schema that differs from its last released version as the next one. Returns what it wrote. */
export function releaseVersions(): readonly string[] {
  const written: string[] = [];
  for (const record of records()) {
    const files = versionFiles(record);
    const text = `${JSON.stringify(loadSchema(record), null, 2)}\n`;
    const last = files.at(-1);
    if (last !== undefined && readFileSync(last, 'utf8') === text) continue;
    const directory = join(versionsDirectory, record);
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, `${files.length + 1}.json`), text);
    written.push(`${record} version ${files.length + 1}`);
  }
  return written;
}
