import { expect, it } from 'vitest';
import { SERVER_NAMES, toEnvironment } from './index.ts';
import { localAddresses } from './addresses.ts';

const keys = { region: 'r', accessKeyId: 'a', secretAccessKey: 's' };

it('localAddresses returns loopback addresses that give all settings of the servers', () => {
  const all = SERVER_NAMES.map((name) =>
    toEnvironment(localAddresses(name, { first: 20_001, second: 20_002 }, keys)),
  );
  expect(Object.assign({}, ...all)).toEqual({
    KAFKA_BROKERS: '127.0.0.1:20001',
    SCHEMA_REGISTRY_URL: 'http://127.0.0.1:20001/apis/ccompat/v7',
    MONGODB_URL: 'mongodb://127.0.0.1:20001',
    REDIS_URL: 'redis://127.0.0.1:20001',
    S3_ENDPOINT: 'http://127.0.0.1:20001',
    S3_REGION: 'r',
    S3_ACCESS_KEY_ID: 'a',
    S3_SECRET_ACCESS_KEY: 's',
    SMTP_URL: 'smtp://127.0.0.1:20001',
    INBOX_URL: 'http://127.0.0.1:20002',
  });
});
