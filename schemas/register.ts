import { COMPATIBILITY, SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import { loadSchema } from './load.ts';
import { topics, type Topic, type TopicSettings } from './topics.ts';

/** A schema in the registry. */
export interface RegisteredSchema {
  readonly topic: Topic;
  readonly subject: string;
  readonly id: number;
}

export interface RegisterOptions {
  /** URL of the registry's Confluent API. */
  readonly registryUrl: string;
  /** For a registry behind basic authentication. */
  readonly credentials?: { readonly username: string; readonly password: string } | undefined;
  /** Put before every topic name, so that several installations can share one registry. */
  readonly prefix?: string;
}

/**
 * Registers the value schema of every topic under TopicNameStrategy with FULL_TRANSITIVE compatibility. Repeating it
 * changes nothing.
 * @throws the error of the registry, such as for a schema that is not compatible with a released one.
 */
export async function registerSchemas(options: RegisterOptions): Promise<readonly RegisteredSchema[]> {
  const { registryUrl: host, credentials } = options;
  const auth = credentials === undefined ? {} : { auth: { ...credentials } };
  const registry = new SchemaRegistry({ host, retry: { retries: 5 }, ...auth });
  const registered: RegisteredSchema[] = [];
  for (const settings of topics) {
    registered.push(await registerSchema(registry, settings, options.prefix ?? ''));
  }
  return registered;
}

/** Registers the value schema of one topic over an existing connection. */
export async function registerSchema(
  registry: SchemaRegistry,
  { topic, record }: Pick<TopicSettings, 'topic' | 'record'>,
  prefix: string,
): Promise<RegisteredSchema> {
  const subject = `${prefix}${topic}-value`;
  const { id } = await registry.register(
    { type: SchemaType.AVRO, schema: JSON.stringify(loadSchema(record)) },
    { subject, compatibility: COMPATIBILITY.FULL_TRANSITIVE },
  );
  return { topic, subject, id };
}
