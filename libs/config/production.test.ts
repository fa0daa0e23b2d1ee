import { randomBytes } from 'node:crypto';
import { ExportError, textIn } from '@waybill/errors';
import { describe, expect, it } from 'vitest';
import {
  authSettings,
  defineSettings,
  keySettings,
  loadSettings,
  modeSettings,
  mongoSettings,
  s3Settings,
  type Environment,
} from './index.ts';

const schema = defineSettings({
  ...modeSettings,
  ...authSettings,
  ...keySettings,
  ...mongoSettings('test'),
  S3_SECRET_ACCESS_KEY: s3Settings.S3_SECRET_ACCESS_KEY,
});

const sound = {
  AUTH_JWKS_URL: 'https://id.example/jwks',
  AUTH_ISSUER: 'https://id.example',
  AUTH_AUDIENCE: 'waybill',
  KEY_ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')},k2:${randomBytes(32).toString('base64')}`,
  KEY_ENCRYPTION_KEY_ID: 'k1',
  MONGODB_URL: 'mongodb://waybill:Kx8c2vQ@mongo-1:27017,mongo-2:27017/?tls=true',
  S3_SECRET_ACCESS_KEY: 'Zt5Rb0',
};

/** Returns the faults of an environment by setting. */
function faults(changes: Environment): Readonly<Record<string, string>> {
  try {
    loadSettings(schema, { ...sound, ...changes });
    return {};
  } catch (error) {
    if (!(error instanceof ExportError)) throw error;
    expect(error.code).toBe('CONFIGURATION_INVALID');
    return Object.fromEntries(error.errors.map(({ path, message }) => [path, textIn(message, 'en')]));
  }
}

const forDevelopment = {
  AUTH_JWKS_URL: 'http://127.0.0.1:4000/jwks',
  KEY_ENCRYPTION_KEYS: `current:${Buffer.alloc(32, 7).toString('base64')}`,
  MONGODB_URL: 'mongodb://waybill:password@mongo-1:27017,mongo-2:27017/',
  S3_SECRET_ACCESS_KEY: 'minioadmin',
};

describe('settings that are only for development', () => {
  it('are refused together in production, which is the mode that nobody has to ask for', () => {
    for (const mode of [{}, { WAYBILL_MODE: '' }, { WAYBILL_MODE: 'production' }]) {
      const found = faults({ ...forDevelopment, ...mode });
      expect(Object.keys(found).sort()).toEqual(Object.keys(forDevelopment).sort());
      expect(found['AUTH_JWKS_URL']).toContain('is not encrypted');
      expect(found['KEY_ENCRYPTION_KEYS']).toContain('a key that is not random');
      expect(found['MONGODB_URL']).toContain('a secret that everybody knows');
      for (const message of Object.values(found)) {
        expect(message).toContain('WAYBILL_MODE=development');
        expect(message).not.toMatch(/minioadmin|:password@/);
      }
    }
  });

  it('are accepted in development, asked for by name', () => {
    expect(faults({ ...forDevelopment, WAYBILL_MODE: 'development' })).toEqual({});
  });

  it('are refused with a mode that does not exist', () => {
    expect(Object.keys(faults({ WAYBILL_MODE: 'dev' }))).toEqual(['WAYBILL_MODE']);
  });

  it('do not include sound values, several hosts and keys included', () => {
    expect(faults({})).toEqual({});
  });
});
