import { describe, expect, it } from 'vitest';
import { clientSecurity, securityFromSettings, type KafkaSecuritySettings } from './security.ts';

const plain: KafkaSecuritySettings = {
  KAFKA_TLS: true,
  KAFKA_SASL_MECHANISM: 'plain',
  KAFKA_SASL_USERNAME: 'waybill',
  KAFKA_SASL_PASSWORD: 'secret',
};

describe('securityFromSettings', () => {
  it('returns connections without TLS and without SASL by default', () => {
    const security = securityFromSettings({ KAFKA_TLS: false, KAFKA_SASL_MECHANISM: 'none' });
    expect(clientSecurity(security)).toEqual({ ssl: false });
  });

  it('returns user and password for plain and scram', () => {
    for (const mechanism of ['plain', 'scram-sha-256', 'scram-sha-512'] as const) {
      const security = securityFromSettings({ ...plain, KAFKA_SASL_MECHANISM: mechanism });
      expect(clientSecurity(security)).toEqual({
        ssl: true,
        sasl: { mechanism, username: 'waybill', password: 'secret' },
      });
    }
  });

  it.each([
    ['KAFKA_SASL_USERNAME', { ...plain, KAFKA_SASL_USERNAME: undefined }],
    ['KAFKA_SASL_PASSWORD', { ...plain, KAFKA_SASL_PASSWORD: undefined }],
    ['KAFKA_SASL_TOKEN_URL', { ...plain, KAFKA_SASL_MECHANISM: 'oauthbearer' as const }],
  ])('throws CONFIGURATION_INVALID if %s is missing', (name, settings) => {
    expect(() => securityFromSettings(settings)).toThrow(`${name} is missing`);
  });

  it('throws CONFIGURATION_INVALID for a mechanism that would send a secret without TLS', () => {
    const open = { ...plain, KAFKA_TLS: false, KAFKA_SASL_TOKEN_URL: 'http://127.0.0.1/token' };
    for (const mechanism of ['plain', 'oauthbearer'] as const) {
      expect(() => securityFromSettings({ ...open, KAFKA_SASL_MECHANISM: mechanism })).toThrow(
        'set KAFKA_TLS to true',
      );
    }
    const scram = securityFromSettings({ ...open, KAFKA_SASL_MECHANISM: 'scram-sha-512' });
    expect(scram.tls).toBe(false);
  });
});
