import { ExportError } from '@waybill/errors';
import { describe, expect, it } from 'vitest';
import { loadConfig as loadHistory } from '../../services/history/config.ts';
import { loadConfig as loadIntake } from '../../services/intake/config.ts';
import { loadConfig as loadNotify } from '../../services/notify/config.ts';
import { loadConfig as loadRender } from '../../services/render/config.ts';
import { loadConfig as loadResolver } from '../../services/resolver/config.ts';
import { freshKeys, serviceEnvironment } from './settings.ts';

const loads = {
  intake: loadIntake,
  resolver: loadResolver,
  render: loadRender,
  notify: loadNotify,
  history: loadHistory,
} as const;

const loopback = 'http://127.0.0.1:20001';
const settings = {
  addresses: {
    kafka: { brokers: '127.0.0.1:20001' },
    registry: { url: loopback },
    mongo: { url: 'mongodb://127.0.0.1:20001' },
    redis: { url: 'redis://127.0.0.1:20001' },
    s3: { endpoint: loopback, region: 'r', accessKeyId: 'a', secretAccessKey: 'password' },
    smtp: { url: 'smtp://127.0.0.1:20001' },
    inbox: { url: loopback },
  },
  issuer: { jwksUrl: `${loopback}/jwks`, issuer: 'urn:waybill:development', audience: 'waybill' },
  prefix: '',
  keys: freshKeys(),
  publicUrl: loopback,
};

describe.each(Object.entries(loads))('settings of a local installation for %s', (name, load) => {
  it('are accepted because they ask for development by name, and are refused without it', () => {
    const environment = serviceEnvironment(name, settings);
    expect(load(environment).WAYBILL_MODE).toBe('development');
    const refused = () => load({ ...environment, WAYBILL_MODE: undefined });
    expect(refused).toThrow(ExportError);
    expect(refused).toThrow('AUTH_JWKS_URL is not encrypted');
  });
});
