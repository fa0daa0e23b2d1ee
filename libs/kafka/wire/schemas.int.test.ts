import { COMPATIBILITY, SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import { sampleProgress } from '@waybill/fixtures';
import { loadSchema, registerSchemas, topics, type AvroJson } from '@waybill/schemas';
import { sharedAddresses, uniqueName } from '@waybill/testbed';
import { describe, expect, it } from 'vitest';
import { done } from '../index.ts';
import { openPort, quickRetry } from '../testing/port.ts';
import { Recorder } from '../testing/recorder.ts';

const topic = 'export.progress';

/** The schema of progress events with one more field. */
function withField(field: AvroJson): string {
  const schema = loadSchema(topic) as { readonly fields: readonly AvroJson[] }; // a record, as all events are
  return JSON.stringify({ ...schema, fields: [...schema.fields, field] });
}

function registry(): SchemaRegistry {
  return new SchemaRegistry({ host: sharedAddresses().registry.url });
}

function register(prefix: string, schema: string): Promise<{ id: number }> {
  return registry().register(
    { type: SchemaType.AVRO, schema },
    { subject: `${prefix}${topic}-value`, compatibility: COMPATIBILITY.FULL_TRANSITIVE },
  );
}

describe('the schema registry', () => {
  it('has a schema for each topic, and registering again changes nothing', async () => {
    const options = { registryUrl: sharedAddresses().registry.url, prefix: `${uniqueName('schemas')}.` };
    const first = await registerSchemas(options);
    expect(first.map(({ subject }) => subject)).toEqual(
      topics.map((settings) => `${options.prefix}${settings.topic}-value`),
    );
    expect(await registerSchemas(options)).toEqual(first);
  });

  it('refuses a schema that is not compatible with old readers or old events', async () => {
    await using port = await openPort();
    await port.producer.send(topic, sampleProgress('job-1', 1));
    const withoutDefault = withField({ name: 'note', type: 'string', doc: 'A field without a default.' });
    await expect(register(port.prefix, withoutDefault)).rejects.toThrow(/compatib/i);
  });

  it('allows a consumer to read events of a later schema version as its own version', async () => {
    await using port = await openPort();
    await port.producer.send(topic, sampleProgress('job-1', 1));
    const later = withField({ name: 'note', type: ['null', 'string'], default: null, doc: 'A later field.' });
    const { id } = await register(port.prefix, later);
    const [stored] = await port.raw.read(topic);
    const event = { ...sampleProgress('job-1', 2).event, note: 'unknown to this version' };
    const value = await registry().encode(id, event);
    await port.raw.send(topic, { key: 'job-1', value, headers: { ...stored?.headers } });

    const recorder = new Recorder(() => done());
    const { handler } = recorder;
    await port.consume({ group: 'g', service: 'intake', topics: [topic], retry: quickRetry, handler });
    await recorder.sees(2);
    expect(recorder.messages[1]?.event).toEqual(sampleProgress('job-1', 2).event);
  });
});
