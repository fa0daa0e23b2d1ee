import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { defineSettings, kafkaSettings, loadSettings } from '@waybill/config';
import { sampleProgress } from '@waybill/fixtures';
import { createMetrics, silentLogger } from '@waybill/observability';
import {
  makeCertificate,
  sharedAddresses,
  startSecureKafka,
  uniqueName,
  waitFor,
  type SecureKafka,
} from '@waybill/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kafkaFromSettings, type Kafka } from '../index.ts';
import { quickRetry } from '../testing/port.ts';
import { createRegistryClient, isFinalAnswer } from '../wire/registry-client.ts';

const registryUser = { username: 'reader', password: 'of schemas' };
const trusted = getCACertificates('default');
let broker: SecureKafka;
let registry: Listening;
let tokens: Listening;
/** Whether the token endpoint answers with a token. */
let issuing = true;

beforeAll(async () => {
  broker = await startSecureKafka();
  const { certificate, key } = await makeCertificate();
  registry = await listen(createServer({ cert: certificate, key }, withBasicAuthentication), 'https');
  tokens = await listen(createHttpServer(issueToken), 'http');
  // As NODE_EXTRA_CA_CERTS does at the start of a process.
  setDefaultCACertificates([...trusted, broker.authority, certificate]);
});

afterAll(async () => {
  setDefaultCACertificates(trusted);
  await Promise.all([broker[Symbol.asyncDispose](), registry.close(), tokens.close()]);
});

interface Listening {
  readonly url: string;
  close(): Promise<void>;
}

async function listen(server: Server, protocol: string): Promise<Listening> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const bound = server.address();
  return {
    url: `${protocol}://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** The shared registry behind basic authentication, as a reverse proxy adds it. */
const withBasicAuthentication: RequestListener = (request, response) => {
  const forward = async () => {
    if (request.headers.authorization !== basic(registryUser.username, registryUser.password)) {
      response.writeHead(401).end('{}');
      return;
    }
    const url = new URL(request.url ?? '/', sharedAddresses().registry.url);
    const body = await buffer(request);
    const answer = await fetch(url, {
      method: request.method ?? 'GET',
      headers: { 'content-type': request.headers['content-type'] ?? 'application/json' },
      ...(body.length === 0 ? {} : { body: new Uint8Array(body) }),
    });
    const type = answer.headers.get('content-type') ?? 'application/json';
    response.writeHead(answer.status, { 'content-type': type }).end(await answer.text());
  };
  forward().catch(() => response.destroy());
};

/** A token endpoint for client credentials. */
const issueToken: RequestListener = (request, response) => {
  const answer = async () => {
    const form = new URLSearchParams((await buffer(request)).toString('utf8'));
    const known = request.headers.authorization === basic(broker.username, broker.password);
    const asked = form.get('grant_type') === 'client_credentials' && form.get('scope') === 'kafka';
    if (!known || !asked || !issuing) response.writeHead(401).end('{}');
    else response.writeHead(200).end(JSON.stringify({ access_token: broker.token() }));
  };
  answer().catch(() => response.destroy());
};

/** Opens the port as a service does, from the text of its settings. */
function open(change: Readonly<Record<string, string>>): Kafka {
  const settings = loadSettings(defineSettings(kafkaSettings), {
    KAFKA_BROKERS: broker.brokers,
    KAFKA_TLS: 'true',
    KAFKA_SASL_USERNAME: broker.username,
    KAFKA_SASL_PASSWORD: broker.password,
    KAFKA_SASL_TOKEN_URL: tokens.url,
    KAFKA_SASL_SCOPE: 'kafka',
    SCHEMA_REGISTRY_URL: `${registry.url}/apis/ccompat/v7`,
    SCHEMA_REGISTRY_USERNAME: registryUser.username,
    SCHEMA_REGISTRY_PASSWORD: registryUser.password,
    TOPIC_PREFIX: `${uniqueName('secure')}.`,
    ...change,
  });
  return kafkaFromSettings(settings, {
    clientId: 'test',
    logger: silentLogger(),
    metrics: createMetrics('test', { processMetrics: false }),
  });
}

const down: unknown = expect.objectContaining({ code: 'SERVICE_UNAVAILABLE', retryable: true });

describe('a broker with SASL_SSL and a registry behind basic authentication', () => {
  it.each(['plain', 'scram-sha-512', 'oauthbearer'])(
    'deliver an event to a consumer that signs in with %s',
    async (mechanism) => {
      const kafka = open({ KAFKA_SASL_MECHANISM: mechanism });
      await kafka.ensureTopics();
      const received: string[] = [];
      const consumer = kafka.createConsumer({
        group: 'waybill.test',
        service: 'intake',
        topics: ['export.progress'],
        handler: (message) => {
          received.push(message.key);
          return Promise.resolve({ kind: 'done' });
        },
        retry: quickRetry,
      });
      await consumer.start();
      await kafka.createProducer().send('export.progress', sampleProgress('job-1', 1));
      await waitFor(() => received.length > 0, { limitMs: 20_000, what: 'the event' });
      expect(received).toEqual(['job-1']);
      await kafka.close();
    },
    60_000,
  );
});

describe('a registry behind basic authentication', () => {
  it.each([
    ['is final with its credentials', registryUser.password, true],
    ['is not final with wrong credentials', 'wrong', false],
  ])('gives an answer about a missing schema that %s', async (_, password, final) => {
    const url = `${registry.url}/apis/ccompat/v7`;
    const registryCredentials = { ...registryUser, password };
    const asked = createRegistryClient({
      url,
      clientId: 'test',
      registryCredentials,
      timeoutMs: 3_000,
    }).getSchema(2_000_000_000);
    const error: unknown = await asked.then(
      () => undefined,
      (cause: unknown) => cause,
    );
    expect(error).toBeInstanceOf(Error);
    expect(isFinalAnswer(error)).toBe(final);
  });
});

describe('a client that a server does not accept', () => {
  it.each(['plain', 'scram-sha-512'])(
    'gets SERVICE_UNAVAILABLE for a wrong password with %s, so that its work waits',
    async (mechanism) => {
      const kafka = open({ KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_PASSWORD: 'wrong' });
      await expect(kafka.ping()).rejects.toEqual(down);
      await kafka.close();
    },
  );

  it('gets SERVICE_UNAVAILABLE while the token endpoint refuses, and continues when it answers', async () => {
    const kafka = open({ KAFKA_SASL_MECHANISM: 'oauthbearer' });
    issuing = false;
    await expect(kafka.ping()).rejects.toEqual(down);
    issuing = true;
    // kafkajs keeps the connection of the failed sign-in, which the broker closes at the next try.
    const signedIn = () => kafka.ping().then(() => true);
    await waitFor(signedIn, { limitMs: 20_000, what: 'the client to sign in' });
    await kafka.close();
  });

  it('gets SERVICE_UNAVAILABLE without SASL, without TLS, and from a broker that it does not trust', async () => {
    const plain = { KAFKA_SASL_MECHANISM: 'plain' };
    const faulty = [open({}), open({ KAFKA_SASL_MECHANISM: 'scram-sha-512', KAFKA_TLS: 'false' })];
    for (const kafka of faulty) await expect(kafka.ping()).rejects.toEqual(down);
    const inUse = getCACertificates('default');
    setDefaultCACertificates(trusted);
    const suspicious = open(plain);
    await expect(suspicious.ping()).rejects.toEqual(down);
    setDefaultCACertificates(inUse);
    for (const kafka of [...faulty, suspicious]) await kafka.close();
  });

  it('gets SERVICE_UNAVAILABLE from a registry that refuses its credentials', async () => {
    const kafka = open({ KAFKA_SASL_MECHANISM: 'plain', SCHEMA_REGISTRY_PASSWORD: 'wrong' });
    await kafka.ensureTopics();
    const sent = kafka.createProducer().send('export.progress', sampleProgress('job-1', 1));
    await expect(sent).rejects.toEqual(down);
    await kafka.close();
  });

  it('gets CONFIGURATION_INVALID at its start if only one of the credentials of the registry is set', () => {
    expect(() => open({ KAFKA_SASL_MECHANISM: 'plain', SCHEMA_REGISTRY_USERNAME: '' })).toThrow(
      expect.objectContaining({ code: 'CONFIGURATION_INVALID' }),
    );
  });
});
