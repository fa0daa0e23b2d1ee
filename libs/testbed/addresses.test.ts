import { describe, expect, it } from 'vitest';
import { complete, fromEnvironment, hasServer, toEnvironment } from './addresses.ts';
import { SERVER_NAMES } from './index.ts';

const ENVIRONMENT = {
  KAFKA_BROKERS: 'broker-1:9092,broker-2:9092',
  SCHEMA_REGISTRY_URL: 'http://registry:8080/apis/ccompat/v7',
  MONGODB_URL: 'mongodb://mongo:27017/?replicaSet=rs0',
  REDIS_URL: 'redis://redis:6379',
  S3_ENDPOINT: 'http://storage:7070',
  S3_REGION: 'ap-southeast-3',
  S3_ACCESS_KEY_ID: 'key',
  S3_SECRET_ACCESS_KEY: 'secret',
  SMTP_URL: 'smtp://mail:1025',
  INBOX_URL: 'http://mail:8025',
};

describe('the addresses of servers', () => {
  it('are the same after toEnvironment and fromEnvironment', () => {
    expect(toEnvironment(fromEnvironment(ENVIRONMENT))).toEqual(ENVIRONMENT);
  });

  it('have no slash at the end of a URL that paths are appended to', () => {
    const { registry, s3 } = fromEnvironment({
      ...ENVIRONMENT,
      SCHEMA_REGISTRY_URL: 'http://registry/apis/ccompat/v7//',
      S3_ENDPOINT: 'http://storage/',
    });
    expect(registry?.url).toBe('http://registry/apis/ccompat/v7');
    expect(s3?.endpoint).toBe('http://storage');
  });

  it('omit a server whose settings are absent or empty', () => {
    expect(fromEnvironment({ REDIS_URL: 'redis://redis', KAFKA_BROKERS: '' })).toEqual({
      redis: { url: 'redis://redis' },
    });
  });

  it.each([
    [
      { S3_ENDPOINT: 'http://storage' },
      'S3_ENDPOINT is set without S3_REGION, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY',
    ],
    [{ SMTP_URL: 'smtp://mail' }, 'SMTP_URL is set without INBOX_URL'],
  ])('are refused for the incomplete settings %o', (environment, message) => {
    expect(() => fromEnvironment(environment)).toThrow(message);
  });

  it('are complete only with all servers', () => {
    expect(complete(fromEnvironment(ENVIRONMENT))).toBeDefined();
    for (const name of Object.keys(ENVIRONMENT).filter((key) => /KAFKA|REGISTRY|MONGO|REDIS/.test(key))) {
      expect(complete(fromEnvironment({ ...ENVIRONMENT, [name]: '' }))).toBeUndefined();
    }
  });

  it('contain each server of the environment by its name', () => {
    const all = fromEnvironment(ENVIRONMENT);
    expect(SERVER_NAMES.filter((name) => hasServer(all, name))).toEqual(SERVER_NAMES);
    expect(SERVER_NAMES.filter((name) => hasServer({}, name))).toEqual([]);
  });
});
