import avro from 'avsc';
import { describe, expect, it } from 'vitest';
import { loadSchema, type AvroJson } from './load.ts';
import { topics } from './topics.ts';

const records = [...new Set(topics.map(({ record }) => record))];

/** Returns every record, enum and field of a schema. */
function nodes(schema: AvroJson): readonly Record<string, unknown>[] {
  if (typeof schema !== 'object') return [];
  if (Array.isArray(schema)) return schema.flatMap(nodes);
  const node = schema as Record<string, unknown>; // neither a string nor a list
  const children = ['type', 'items', 'values', 'fields'].map((key) => node[key] as AvroJson | undefined);
  return [node, ...children.filter((child) => child !== undefined).flatMap(nodes)];
}

describe.each(records)('the schema of %s', (name) => {
  it('is complete, so that Avro accepts it without another file', () => {
    const schema = structuredClone(loadSchema(name));
    expect(() => avro.Type.forSchema(schema as avro.Schema)).not.toThrow();
  });

  it('defines each shared record once', () => {
    const names = nodes(loadSchema(name))
      .filter(({ type }) => type === 'record' || type === 'enum')
      .map((node) => node['name']);
    expect(new Set(names).size).toBe(names.length);
  });

  it('documents every field', () => {
    const fields = nodes(loadSchema(name)).filter((node) => 'name' in node && node['type'] !== undefined);
    const undocumented = fields
      .filter(({ doc }) => typeof doc !== 'string' || doc === '')
      .map((node) => node['name']);
    expect(undocumented).toEqual([]);
  });
});

describe('loadSchema', () => {
  it('returns a new copy each time', () => {
    expect(loadSchema('export.requested')).not.toBe(loadSchema('export.requested'));
    expect(loadSchema('export.requested')).toEqual(loadSchema('export.requested'));
  });

  it('throws for a record that does not exist', () => {
    expect(() => loadSchema('export.unknown')).toThrow(/ENOENT/);
  });
});
