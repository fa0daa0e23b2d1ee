import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { format, resolveConfig } from 'prettier';
import { generateTypes } from './generate.ts';

const path = join(import.meta.dirname, 'generated', 'events.ts');

describe('generateTypes', () => {
  it('returns the text of the committed file', async () => {
    const options = await resolveConfig(path);
    const text = await format(generateTypes(), { ...options, parser: 'typescript' });
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('copies the docs and declares each name once', () => {
    const text = generateTypes();
    const names = [...text.matchAll(/^export (?:interface|type) (\w+)/gm)].map(([, name]) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(
      expect.arrayContaining(['ExportRequested', 'ExportBatch', 'Receipt', 'SealedData']),
    );
    expect(text).toContain('/** The job; also the message key. */\n  readonly job_id: string;');
  });

  it('writes null for optional values, unions for enums, records for maps and readonly arrays for lists', () => {
    const text = generateTypes();
    expect(text).toMatch(/readonly failure: Failure \| null;/);
    expect(text).toMatch(/export type FileFormat = 'xlsx' \| 'csv';/);
    expect(text).toMatch(/readonly by_field: Readonly<Record<string, number>>;/);
    expect(text).toMatch(/readonly sources: readonly \(string\)\[\];/);
    expect(text).toMatch(/readonly nonce: Buffer;/);
  });
});
