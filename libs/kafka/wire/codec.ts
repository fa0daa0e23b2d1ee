import type { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import { asError, ExportError } from '@waybill/errors';
import { loadSchema, registerSchema, topics, type Topic, type TopicEvents } from '@waybill/schemas';
import avro from 'avsc';
import { LRUCache } from 'lru-cache';
import { unavailable, unreadable } from './errors.ts';
import { isFinalAnswer } from './registry-client.ts';

/** Encodes and decodes events in the Confluent wire format: a zero byte, the schema's id (4 bytes), Avro. */
export interface Codec {
  /**
   * Encodes an event.
   * @throws ExportError SERVICE_UNAVAILABLE if the registry is down, EVENT_UNREADABLE if the event does not fit its schema.
   */
  encode<T extends Topic>(topic: T, event: TopicEvents[T]): Promise<Buffer>;
  /**
   * Decodes the value of a message.
   * @throws ExportError SERVICE_UNAVAILABLE if the registry is down, EVENT_UNREADABLE if the bytes do not decode.
   */
  decode<T extends Topic>(topic: T, bytes: Buffer | null): Promise<TopicEvents[T]>;
}

const headBytes = 5;

/** Pairs of topic and writer's schema; a topic has one for each schema version that is still in its log. */
const maximumResolvers = 1_000;

interface WriterSchema {
  readonly topic: Topic;
  readonly id: number;
}

/** The current schema of each topic. */
const types = new LRUCache<Topic, avro.Type>({ max: topics.length, memoMethod: currentType });

/**
 * Returns the size of an event in its message. Asks no server.
 * @throws ExportError EVENT_UNREADABLE if the event does not fit its schema.
 */
export function encodedBytes<T extends Topic>(topic: T, event: TopicEvents[T]): number {
  return headBytes + encodeBody(topic, event).length;
}

function encodeBody<T extends Topic>(topic: T, event: TopicEvents[T]): Buffer {
  const type = types.memo(topic);
  const faults: string[] = [];
  if (!type.isValid(event, { errorHook: (path) => faults.push(path.join('.')) })) {
    throw unreadable(`these fields do not fit the schema of ${topic}: ${faults.join(', ')}`);
  }
  return type.toBuffer(event);
}

/** Creates the codec of one registry. It looks up each schema once; a failed look-up is not cached. */
export function createCodec(registry: SchemaRegistry, prefix: string): Codec {
  const ids = new LRUCache<Topic, number>({
    max: topics.length,
    fetchMethod: (topic) => registerCurrent(registry, topic, prefix),
  });
  const resolvers = new LRUCache<string, avro.Resolver, WriterSchema>({
    max: maximumResolvers,
    fetchMethod: (_key, _stale, { context: { topic, id } }) =>
      createResolver(registry, types.memo(topic), id),
  });

  return {
    async encode(topic, event) {
      const body = encodeBody(topic, event);
      const head = Buffer.alloc(headBytes);
      head.writeUInt32BE(await ids.forceFetch(topic), 1);
      return Buffer.concat([head, body]);
    },

    async decode<T extends Topic>(topic: T, bytes: Buffer | null) {
      const id = schemaId(bytes);
      const resolver = await resolvers.forceFetch(`${topic}/${id}`, { context: { topic, id } });
      const body = bytes?.subarray(headBytes) ?? Buffer.alloc(0);
      try {
        // The reader's type is the schema that TopicEvents is generated from.
        return types.memo(topic).fromBuffer(body, resolver) as TopicEvents[T];
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
  if (settings === undefined) throw unreadable(`${topic} is not in the table of topics in schemas`);
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
  if (bytes === null) throw unreadable('the message has no value');
  if (bytes.length < headBytes || bytes[0] !== 0) {
    throw unreadable('the value is not in the Confluent wire format');
  }
  return bytes.readUInt32BE(1);
}
