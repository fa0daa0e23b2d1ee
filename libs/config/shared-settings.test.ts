import { describe, expect, it } from 'vitest';
import {
  authSettings,
  defineSettings,
  httpSettings,
  kafkaSettings,
  laneSettings,
  loadSettings,
  mongoSettings,
  s3Settings,
} from './index.ts';

describe('shared settings', () => {
  it('accept several brokers and keep them as text', () => {
    const schema = defineSettings(kafkaSettings);
    const given = {
      KAFKA_BROKERS: 'a.example:9092,[::1]:9093',
      SCHEMA_REGISTRY_URL: 'http://127.0.0.1:1/apis/ccompat/v7',
    };
    expect(loadSettings(schema, given)).toMatchObject({
      ...given,
      KAFKA_TLS: false,
      KAFKA_SASL_MECHANISM: 'none',
      TOPIC_PREFIX: '',
    });
    expect(() => loadSettings(schema, { ...given, KAFKA_BROKERS: 'a.example' })).toThrow(
      'expected host:port',
    );
  });

  it('accept a connection string with several hosts, which is not a URL', () => {
    const schema = defineSettings(mongoSettings('history'));
    const url = 'mongodb://user:p@a:27017,b:27017/?replicaSet=rs0';
    expect(loadSettings(schema, { MONGODB_URL: url })).toMatchObject({
      MONGODB_URL: url,
      MONGODB_DATABASE: 'waybill_history',
    });
    expect(() => loadSettings(schema, { MONGODB_URL: 'http://a' })).toThrow('mongodb://');
  });

  it('default to loopback and any free port', () => {
    const schema = defineSettings(httpSettings);
    expect(loadSettings(schema, {})).toEqual({ HTTP_HOST: '127.0.0.1', HTTP_PORT: 0, OPERATOR_PORT: 0 });
    expect(() => loadSettings(schema, { HTTP_PORT: '65536' })).toThrow('from 0 to 65535');
  });

  it('default to one algorithm and never allow a symmetric one', () => {
    const schema = defineSettings(authSettings);
    const given = { AUTH_JWKS_URL: 'https://id.example/jwks', AUTH_ISSUER: 'i', AUTH_AUDIENCE: 'a' };
    expect(loadSettings(schema, given).AUTH_ALGORITHMS).toEqual(['EdDSA']);
    expect(() => loadSettings(schema, { ...given, AUTH_ALGORITHMS: 'EdDSA,HS256' })).toThrow(
      'expected a list of',
    );
    expect(() => loadSettings(schema, { ...given, AUTH_ALGORITHMS: 'none' })).toThrow('expected a list of');
  });

  it('require a bucket for each region', () => {
    const schema = defineSettings({ REGION_BUCKETS: s3Settings.REGION_BUCKETS });
    expect(loadSettings(schema, { REGION_BUCKETS: 'id=waybill-id,sg=waybill-sg' }).REGION_BUCKETS).toBe(
      'id=waybill-id,sg=waybill-sg',
    );
    expect(() => loadSettings(schema, { REGION_BUCKETS: 'id' })).toThrow('expected region=bucket');
  });
});

it('laneSettings keep a session longer than the other services do, when both groups are used', () => {
  const given = { KAFKA_BROKERS: 'a:9092', SCHEMA_REGISTRY_URL: 'http://r' };
  const sessionOf = (schema: ReturnType<typeof defineSettings>, more = {}) =>
    loadSettings(schema, { ...given, ...more })['KAFKA_SESSION_TIMEOUT_MS'];
  const both = defineSettings({ ...kafkaSettings, ...laneSettings });
  expect(sessionOf(defineSettings(kafkaSettings))).toBe(10_000);
  expect(sessionOf(both)).toBe(30_000);
  expect(sessionOf(both, { KAFKA_SESSION_TIMEOUT_MS: '60000' })).toBe(60_000);
});

it('laneSettings select both lanes by default and accept no other', () => {
  const schema = defineSettings(laneSettings);
  expect(loadSettings(schema, {}).LANES).toEqual(['standard', 'bulk']);
  expect(loadSettings(schema, { LANES: 'bulk' }).LANES).toEqual(['bulk']);
  expect(() => loadSettings(schema, { LANES: 'fast' })).toThrow('LANES');
});
