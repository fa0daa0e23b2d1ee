import { keyEncryptionFromSettings, parseKeys, type KeySettings } from '@waybill/crypto';
import { createMetrics } from '@waybill/observability';
import { describe, expect, it } from 'vitest';
import {
  newKeyId,
  nextStep,
  processKeys,
  readSettings,
  removal,
  writeSettings,
  type ProcessKeys,
} from './rotation.ts';

const [one, two] = [1, 2].map((byte) => Buffer.alloc(32, byte).toString('base64'));
const started: KeySettings = { KEY_ENCRYPTION_KEYS: `k1:${one}`, KEY_ENCRYPTION_KEY_ID: 'k1' };
const added: KeySettings = { KEY_ENCRYPTION_KEYS: `k1:${one},k2:${two}`, KEY_ENCRYPTION_KEY_ID: 'k1' };
const used: KeySettings = { ...added, KEY_ENCRYPTION_KEY_ID: 'k2' };
const a: ProcessKeys = { url: 'http://a', keyIds: ['k1'], currentKeyId: 'k1' };
const b: ProcessKeys = { url: 'http://b', keyIds: ['k1', 'k2'], currentKeyId: 'k1' };

describe('nextStep', () => {
  it('adds a key of 32 bytes at first, and leaves the current key as it is', () => {
    const step = nextStep(started, [a], 'k2');
    if (step.kind !== 'add') throw new Error(step.kind);
    expect(step.settings.KEY_ENCRYPTION_KEY_ID).toBe('k1');
    const keys = parseKeys(step.settings.KEY_ENCRYPTION_KEYS);
    expect([...keys.keys()]).toEqual(['k1', 'k2']);
    expect(keys.get('k1')).toBe(one);
    expect(Buffer.from(keys.get('k2') ?? '', 'base64')).toHaveLength(32);
  });

  it('makes the newest key current once every process knows it, and not before', () => {
    expect(nextStep(added, [a, b], 'k3')).toEqual({ kind: 'wait', reason: 'http://a do not know k2 yet' });
    expect(nextStep(added, [b], 'k3')).toEqual({ kind: 'use', keyId: 'k2', settings: used });
  });

  it('does not start another rotation while a process uses the key before', () => {
    expect(nextStep(used, [b], 'k3')).toEqual({ kind: 'wait', reason: 'http://b do not use k2 yet' });
    expect(nextStep(used, [{ ...b, currentKeyId: 'k2' }], 'k3').kind).toBe('add');
  });
});

describe('removal', () => {
  it('removes a key that is not current and that no document needs', () => {
    expect(removal(used, 'k1', 0)).toEqual({
      kind: 'remove',
      keyId: 'k1',
      settings: { KEY_ENCRYPTION_KEYS: `k2:${two}`, KEY_ENCRYPTION_KEY_ID: 'k2' },
    });
  });

  it('keeps a key that documents need, the current key and an unknown key', () => {
    expect(removal(used, 'k1', 3)).toMatchObject({
      kind: 'wait',
      reason: expect.stringContaining('3 documents need k1') as unknown,
    });
    expect(removal(used, 'k2', 0)).toMatchObject({ kind: 'wait', reason: 'k2 is the current key' });
    expect(removal(used, 'k9', 0)).toMatchObject({ kind: 'wait', reason: 'there is no key k9' });
  });
});

describe('processKeys', () => {
  it('reads what keyEncryptionFromSettings publishes', async () => {
    const metrics = createMetrics('test', { processMetrics: false });
    keyEncryptionFromSettings(used, metrics);
    expect(processKeys('http://a', await metrics.registry.metrics())).toEqual({
      url: 'http://a',
      keyIds: ['k1', 'k2'],
      currentKeyId: 'k2',
    });
  });

  it('returns no key for a process that publishes none', () => {
    expect(processKeys('http://a', '')).toEqual({ url: 'http://a', keyIds: [], currentKeyId: undefined });
  });
});

describe('writeSettings', () => {
  it('replaces the two settings and keeps every other line', () => {
    const text = `# keys\nLOG_LEVEL=info\nKEY_ENCRYPTION_KEYS=k1:${one}\nKEY_ENCRYPTION_KEY_ID=k1\n`;
    const changed = writeSettings(text, used);
    expect(readSettings(changed)).toEqual(used);
    expect(changed).toContain('# keys\nLOG_LEVEL=info\n');
    expect(changed.split('\n')).toHaveLength(text.split('\n').length);
  });
});

describe('readSettings', () => {
  it('throws CONFIGURATION_INVALID that names the missing setting', () => {
    expect(() => readSettings('KEY_ENCRYPTION_KEYS=\n')).toThrow('the file has no KEY_ENCRYPTION_KEYS');
    expect(() => readSettings(`KEY_ENCRYPTION_KEYS=k1:${one}`)).toThrow('no KEY_ENCRYPTION_KEY_ID');
  });
});

describe('newKeyId', () => {
  it('returns an id with the day that fits into the setting', () => {
    expect(newKeyId(new Date('2026-11-24T10:00:00Z'))).toMatch(/^key-20261124-[0-9a-f]{4}$/);
  });
});
