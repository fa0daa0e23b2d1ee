import { z } from 'zod';
import { flag, integer, listOf, oneOf, text, url } from './kinds.ts';
import { notRandom, unencrypted } from './production.ts';
import { setting } from './setting.ts';

/** Comma-separated `host:port`, kept as text. */
const brokerList = z
  .string()
  .refine(
    (value) => value.split(',').every((broker) => /^\s*(\[[0-9a-f:]+\]|[\w.-]+):\d{1,5}\s*$/i.test(broker)),
    {
      error: 'expected host:port, with commas between several',
    },
  );

/** Not parsed as a URL, because a URL cannot contain several hosts with commas between them. */
const mongoUrl = z.string().regex(/^mongodb(\+srv)?:\/\/\S+$/, {
  error: 'expected a connection string that begins with mongodb:// or mongodb+srv://',
});

/** TLS and SASL of the connections to the brokers. `NODE_EXTRA_CA_CERTS` names the file of a private authority. */
export const kafkaSecuritySettings = {
  KAFKA_TLS: setting(flag().default(false), {
    reason: 'Whether connections to the brokers are encrypted.',
  }),
  KAFKA_SASL_MECHANISM: setting(
    oneOf(['none', 'plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer']).default('none'),
    { reason: 'How the service signs in at the brokers. plain and oauthbearer require KAFKA_TLS.' },
  ),
  KAFKA_SASL_USERNAME: setting(text().optional(), {
    reason: "The service's user at the brokers; with oauthbearer its client id at the token endpoint.",
  }),
  KAFKA_SASL_PASSWORD: setting(text().optional(), {
    reason: 'Its password, or its client secret.',
    secret: true,
  }),
  KAFKA_SASL_TOKEN_URL: setting(url('http', 'https').optional(), {
    reason: 'The token endpoint of oauthbearer (OAuth 2.0 client credentials).',
  }),
  KAFKA_SASL_SCOPE: setting(text().optional(), { reason: 'The scope that the token is requested for.' }),
};

/** The credentials of a registry behind basic authentication. */
export const registrySettings = {
  SCHEMA_REGISTRY_URL: setting(url('http', 'https'), {
    reason: 'The schema registry (Confluent API) that the events are decoded with.',
  }),
  SCHEMA_REGISTRY_USERNAME: setting(text().optional(), {
    reason: 'The user of a registry behind basic authentication.',
  }),
  SCHEMA_REGISTRY_PASSWORD: setting(text().optional(), { reason: 'Its password.', secret: true }),
  SCHEMA_REGISTRY_TIMEOUT_MS: setting(integer({ min: 100, max: 60_000 }).default(3_000), {
    unit: 'ms',
    reason:
      'A registry that does not answer within this time counts as away. It usually answers in a few ms.',
  }),
};

function sessionTimeout(defaultMs: number) {
  return setting(integer({ min: 6_000, max: 300_000 }).default(defaultMs), {
    unit: 'ms',
    reason: 'A process without a heartbeat for this time loses its partitions. 6 s is the minimum of Kafka.',
  });
}

export const kafkaSettings = {
  KAFKA_BROKERS: setting(brokerList, {
    reason: 'The brokers to begin with, as host:port with commas between them.',
  }),
  ...kafkaSecuritySettings,
  ...registrySettings,
  TOPIC_PREFIX: setting(z.string().default(''), {
    reason: 'Put before topics, groups and subjects, so that several installations can share a cluster.',
  }),
  KAFKA_SEND_TIMEOUT_MS: setting(integer({ min: 500, max: 9_000 }).default(5_000), {
    unit: 'ms',
    reason:
      'A send without an acknowledgement within this time counts as failed; shorter than the lease of an outbox (10 s).',
  }),
  KAFKA_SESSION_TIMEOUT_MS: sessionTimeout(10_000),
};

/** How the topics are created; services do not read them. */
export const topicSettings = {
  JOB_PARTITIONS: setting(integer({ min: 1, max: 1_000 }).default(24), {
    reason:
      'Partitions of requested and batches, in each lane: as many renders can share a lane. It can only grow.',
  }),
  TOPIC_REPLICATION_FACTOR: setting(integer({ min: 1, max: 10 }).optional(), {
    reason: 'Replicas of a new topic. Not set: 3 where there are three brokers, else 1.',
  }),
  TOPIC_MIN_INSYNC_REPLICAS: setting(integer({ min: 1, max: 10 }).optional(), {
    reason:
      'Replicas that must have a message before its send succeeds. Not set: 2 of three replicas, else 1.',
  }),
};

/** The service's own database: `waybill_SERVICE` by default. */
export function mongoSettings(service: string) {
  return {
    MONGODB_URL: setting(mongoUrl, {
      reason: 'The MongoDB deployment. `tls=true` in it encrypts the connections.',
      secret: true,
    }),
    MONGODB_TIMEOUT_MS: setting(integer({ min: 100, max: 60_000 }).default(2_000), {
      unit: 'ms',
      reason: 'How long an operation waits for a server. A request is answered with 503 after it.',
    }),
    MONGODB_SOCKET_TIMEOUT_MS: setting(integer({ min: 1_000, max: 600_000 }).default(60_000), {
      unit: 'ms',
      reason: 'A server that sends nothing for this time counts as away; longer than any query may take.',
    }),
    MONGODB_DATABASE: setting(text().default(`waybill_${service}`), {
      reason: "The service's own database; no other service reads it.",
    }),
  };
}

export const crmSettings = {
  MONGODB_CRM_DATABASE: setting(text().default('crm'), {
    reason: 'The database of the CRM: contacts, layouts, memberships. Read only.',
  }),
};

export const redisSettings = {
  REDIS_URL: setting(url('redis', 'rediss'), {
    reason: 'Cancel flags, rate limits and status notifications. rediss:// encrypts the connections.',
    secret: true,
  }),
  REDIS_TIMEOUT_MS: setting(integer({ min: 10, max: 10_000 }).default(250), {
    unit: 'ms',
    reason: 'How long a command may take. A request or an export goes on without Redis after it.',
  }),
};

export const s3Settings = {
  INSTALLATION_ID: setting(
    z.string({ error: 'expected an id' }).regex(/^[a-z0-9][a-z0-9-]{0,62}$/, {
      error: 'expected up to 63 lower-case letters, digits and hyphens',
    }),
    {
      reason:
        'Part of the key of every file. Installations that share a bucket need different ids; keep it for good.',
    },
  ),
  S3_ENDPOINT: setting(url('http', 'https'), { reason: 'The object storage, as the services reach it.' }),
  S3_PUBLIC_ENDPOINT: setting(url('http', 'https').optional(), {
    reason: 'The object storage as a browser reaches it, for signed URLs; S3_ENDPOINT where it is not set.',
  }),
  S3_REGION: setting(text().default('us-east-1'), { reason: 'The region that requests are signed for.' }),
  S3_ACCESS_KEY_ID: setting(text().optional(), {
    reason:
      "The key that may write and read the buckets. Without it the AWS SDK's default chain is asked, such as the role of a pod.",
    secret: true,
  }),
  S3_SECRET_ACCESS_KEY: setting(text().optional(), { reason: 'Its secret.', secret: true }),
  S3_TIMEOUT_MS: setting(integer({ min: 1_000, max: 600_000 }).default(30_000), {
    unit: 'ms',
    reason: 'How long one try of a request may take, such as the upload of one part.',
  }),
  S3_TRIES: setting(integer({ min: 1, max: 10 }).default(3), {
    unit: 'tries',
    reason: 'Tries of one request before it fails. A job then waits, and its file is started again.',
  }),
  REGION_BUCKETS: setting(
    z.string().regex(/^[\w-]+=[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](,[\w-]+=[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])*$/, {
      error: 'expected region=bucket, with commas between several',
    }),
    {
      reason:
        'The bucket of each region, such as id=waybill-id,sg=waybill-sg. An unknown region fails closed.',
    },
  ),
};

export const publicSettings = {
  PUBLIC_URL: setting(url('http', 'https'), {
    reason: 'The address under which a browser reaches the API and the console.',
  }),
};

export const httpSettings = {
  HTTP_HOST: setting(text().default('127.0.0.1'), {
    reason: 'The address to listen on. Loopback by default: a container sets 0.0.0.0.',
  }),
  HTTP_PORT: setting(integer({ max: 65_535 }).default(0), {
    reason: 'The port to listen on; 0 takes any free one.',
  }),
  OPERATOR_PORT: setting(integer({ max: 65_535 }).default(0), {
    reason:
      'The port of /livez, /readyz and /metrics, for the orchestrator and Prometheus only; 0 takes any free one.',
  }),
};

/** For services that serve event streams. */
export const streamSettings = {
  STREAMS_PER_PERSON: setting(integer({ min: 1 }).default(20), {
    unit: 'streams',
    reason: 'Event streams that one person may have open at a process: one for each tab of a browser.',
  }),
};

export const authSettings = {
  AUTH_JWKS_URL: setting(url('http', 'https'), {
    reason: "The keys of the tokens' issuer (RFC 7517). Plain http in development only.",
    refusedInProduction: unencrypted,
  }),
  AUTH_ISSUER: setting(text(), { reason: 'The issuer (`iss`) that a token must name.' }),
  AUTH_AUDIENCE: setting(text(), { reason: 'The audience (`aud`) that a token must be for.' }),
  AUTH_ALGORITHMS: setting(listOf(['EdDSA', 'RS256', 'PS256', 'ES256']).default(['EdDSA']), {
    reason: 'The signature algorithms that are accepted, and no other: a token cannot choose its own.',
  }),
};

export const keySettings = {
  KEY_ENCRYPTION_KEYS: setting(text(), {
    reason:
      'The key-encryption keys, as id:base64 of 32 bytes, with commas between them. Retired ones only decrypt.',
    secret: true,
    refusedInProduction: notRandom,
  }),
  KEY_ENCRYPTION_KEY_ID: setting(text(), { reason: 'The id of the key that new data is encrypted with.' }),
};

export const modeSettings = {
  WAYBILL_MODE: setting(oneOf(['production', 'development']).default('production'), {
    reason:
      'development allows the development issuer, keys over plain http and default secrets, which are refused otherwise.',
  }),
};

export const logSettings = {
  LOG_LEVEL: setting(oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'), {
    reason: 'The least severe log lines that are written.',
  }),
};

/** For services with a separate lane for large exports. */
export const laneSettings = {
  LANES: setting(listOf(['standard', 'bulk']).default(['standard', 'bulk']), {
    reason: 'The lanes that this process serves. Operators run processes for each, to scale them apart.',
  }),
  // Losing a partition costs the work on its jobs, so these services wait longer than the others.
  KAFKA_SESSION_TIMEOUT_MS: sessionTimeout(30_000),
};

/** For services that call systems that are not ours. */
export const outboundSettings = {
  OUTBOUND_TIMEOUT_MS: setting(integer({ min: 100, max: 60_000 }).default(3_000), {
    unit: 'ms',
    reason: 'How long one try of a call to another system may take; there are two.',
  }),
};

/** For services that publish product events from an outbox. */
export const outboxSettings = {
  OUTBOX_EVERY_MS: setting(integer({ min: 10 }).default(2_000), {
    unit: 'ms',
    reason: 'How often product events that Kafka did not take at once are offered again.',
  }),
};
