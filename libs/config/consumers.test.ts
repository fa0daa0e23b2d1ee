import { expect, it } from 'vitest';
import { defineSettings, deliverySettings, laneSettings, loadSettings } from './index.ts';

it('lets retry topics wait otherwise than their name says, each that is named', () => {
  const schema = defineSettings(deliverySettings);
  const loaded = loadSettings(schema, { RETRY_DELAYS_MS: '30s=500,1h=1000' });
  expect(loaded).toEqual({ RETRY_DELAYS_MS: { '30s': 500, '1h': 1_000 }, OUTBOX_EVERY_MS: 2_000 });
  expect(loadSettings(schema, {}).RETRY_DELAYS_MS).toEqual({});
  for (const wrong of ['2m=500', '30s', '30s=-1', '30s=500;5m=1']) {
    expect(() => loadSettings(schema, { RETRY_DELAYS_MS: wrong }), wrong).toThrow('of 30s, 5m, 1h');
  }
});

it('serves both lanes unless it is told which, and knows no other', () => {
  const schema = defineSettings(laneSettings);
  expect(loadSettings(schema, {}).LANES).toEqual(['standard', 'bulk']);
  expect(loadSettings(schema, { LANES: 'bulk' }).LANES).toEqual(['bulk']);
  expect(() => loadSettings(schema, { LANES: 'fast' })).toThrow('LANES');
});
