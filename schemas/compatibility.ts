import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import avro from 'avsc';
import { loadSchema, type AvroJson } from './load.ts';
import { topics } from './topics.ts';

const versionsDirectory = join(import.meta.dirname, 'versions');

function parse(schema: AvroJson): avro.Type {
  return avro.Type.forSchema(structuredClone(schema) as avro.Schema); // loaded files; avsc checks them
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

/** Why a reader with one schema cannot read what a writer with the other wrote, or undefined if it can. */
export function incompatibility(reader: AvroJson, writer: AvroJson): string | undefined {
  try {
    parse(reader).createResolver(parse(writer));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Every way in which the current schemas break FULL_TRANSITIVE against the released versions; empty is good. */
export function compatibilityFaults(): readonly string[] {
  const faults: string[] = [];
  for (const record of new Set(topics.map((topic) => topic.record))) {
    const current = loadSchema(record);
    const files = versionFiles(record);
    if (files.length === 0) faults.push(`${record}: no released version; run npm run schemas -- release`);
    for (const file of files) {
      const old = readVersion(file);
      const backward = incompatibility(current, old);
      if (backward !== undefined) faults.push(`${record}: the new reader fails on old events: ${backward}`);
      const forward = incompatibility(old, current);
      if (forward !== undefined) faults.push(`${record}: an old reader fails on new events: ${forward}`);
    }
  }
  return faults;
}

/** Stores the current schemas as the next released version where they differ from the last. Returns what it wrote. */
export function releaseVersions(): readonly string[] {
  const written: string[] = [];
  for (const record of new Set(topics.map((topic) => topic.record))) {
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
