import type { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import { asError, asExportError, ExportError } from '@waybill/errors';
import { loadSchema, registerSchema, topics, type Topic, type TopicEvents } from '@waybill/schemas';
import avro from 'avsc';
import { unavailable, unreadable } from './errors.ts';
import { isFinalAnswer } from './registry-client.ts';

/** Events to bytes and back, in the Confluent wire format: a zero byte, the schema's id (4 bytes), Avro. */
export interface Codec {
  /** @throws ExportError SERVICE_UNAVAILABLE if the registry is down, EVENT_UNREADABLE if the event does not fit. */
  encode<T extends Topic>(topic: T, event: TopicEvents[T]): Promise<Buffer>;
  /** @throws ExportError SERVICE_UNAVAILABLE if the registry is down, EVENT_UNREADABLE if the bytes do not decode. */
  decode<T extends Topic>(topic: T, bytes: Buffer | null): Promise<TopicEvents[T]>;
}

const headBytes = 5;

/** Schema ids and resolvers are looked up once each; a failed look-up is not kept. */
export function createCodec(registry: SchemaRegistry, prefix: string): Codec {
  const types = new Map<Topic, avro.Type>();
  const ids = new Map<Topic, Promise<number>>();
  const resolvers = new Map<string, Promise<avro.Resolver>>();

  const typeOf = (topic: Topic) => keep(types, topic, () => currentType(topic));
  const idOf = (topic: Topic) => keepSuccess(ids, topic, () => registerCurrent(registry, topic, prefix));
  const resolverOf = (topic: Topic, id: number) =>
    keepSuccess(resolvers, `${topic}/${id}`, () => createResolver(registry, typeOf(topic), id));

  return {
    async encode(topic, event) {
      const type = typeOf(topic);
      const faults: string[] = [];
      if (!type.isValid(event, { errorHook: (path) => faults.push(path.join('.')) })) {
        throw unreadable(`these fields do not fit the schema of ${topic}: ${faults.join(', ')}`);
      }
      const head = Buffer.alloc(headBytes);
      head.writeUInt32BE(await idOf(topic), 1);
      return Buffer.concat([head, type.toBuffer(event)]);
    },

    async decode<T extends Topic>(topic: T, bytes: Buffer | null) {
      const id = schemaId(bytes);
      const resolver = await resolverOf(topic, id);
      const body = bytes?.subarray(headBytes) ?? Buffer.alloc(0);
      try {
        // The reader's type is the schema that TopicEvents is generated from.
        return typeOf(topic).fromBuffer(body, resolver) as TopicEvents[T];
      } catch (error) {
        throw unreadable(asError(error).message, error);
      }
    },
  };
}

function currentType(topic: Topic): avro.Type {
  const schema = loadSchema(recordOf(topic));
  return avro.Type.forSchema(structuredClone(schema) as avro.Schema); // our own files; avsc checks them
}

function recordOf(topic: Topic): string {
  const settings = topics.find((candidate) => candidate.topic === topic);
  if (settings === undefined) throw unreadable(`${topic} is no topic of the table in schemas`);
  return settings.record;
}

async function registerCurrent(registry: SchemaRegistry, topic: Topic, prefix: string): Promise<number> {
  try {
    const { id } = await registerSchema(registry, { topic, record: recordOf(topic) }, prefix);
    return id;
  } catch (error) {
    if (isFinalAnswer(error)) {
      throw unreadable(`the registry refuses the schema of ${topic}: ${asError(error).message}`, error);
    }
    throw unavailable(error);
  }
}

async function createResolver(
  registry: SchemaRegistry,
  reader: avro.Type,
  id: number,
): Promise<avro.Resolver> {
  let writer: avro.Type;
  try {
    writer = asAvroType(await registry.getSchema(id));
  } catch (error) {
    if (error instanceof ExportError) throw error;
    throw isFinalAnswer(error) ? unreadable(`the registry has no schema ${id}`, error) : unavailable(error);
  }
  try {
    return reader.createResolver(writer);
  } catch (error) {
    throw unreadable(`schema ${id} is not compatible: ${asError(error).message}`, error);
  }
}

function asAvroType(schema: unknown): avro.Type {
  if (schema instanceof avro.Type) return schema;
  throw unreadable('its schema is not Avro');
}

function schemaId(bytes: Buffer | null): number {
  if (bytes === null) throw unreadable('it has no value');
  if (bytes.length < headBytes || bytes[0] !== 0) throw unreadable('it is not in the Confluent wire format');
  return bytes.readUInt32BE(1);
}

function keep<K, V>(cache: Map<K, V>, key: K, create: () => V): V {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const created = create();
  cache.set(key, created);
  return created;
}

/** Shares one look-up among its callers; a failure is forgotten, so that the next caller tries again. */
async function keepSuccess<K, V>(cache: Map<K, Promise<V>>, key: K, find: () => Promise<V>): Promise<V> {
  const found = keep(cache, key, find);
  try {
    return await found;
  } catch (error) {
    if (cache.get(key) === found) cache.delete(key);
    throw asExportError(error, 'SERVICE_UNAVAILABLE');
  }
}
