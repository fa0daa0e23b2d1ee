import { randomUUID } from 'node:crypto';
import { ServiceHarness } from '@waybill/harness';
import type { RedrivableService } from '@waybill/schemas';
import { waitFor } from '@waybill/testbed';
import { describe, expect, it } from 'vitest';
import { loadConfig as loadHistory } from '../../services/history/config.ts';
import { startHistory } from '../../services/history/service.ts';
import { loadConfig as loadIntake } from '../../services/intake/config.ts';
import { startIntake } from '../../services/intake/service.ts';
import { loadConfig as loadNotify } from '../../services/notify/config.ts';
import { startNotify } from '../../services/notify/service.ts';

const settings = { PUBLIC_URL: 'https://crm.example', FLAG_CONTACT_EXPORT: 'on' };
const limitMs = 20_000;

/** A harness, whatever its service's settings are. */
type Service = Pick<ServiceHarness<unknown>, 'sandbox' | 'start' | 'waitUntilReady'> & AsyncDisposable;

function open(name: RedrivableService): Promise<Service> {
  switch (name) {
    case 'intake':
      return ServiceHarness.open({ name, settings, loadConfig: loadIntake, start: startIntake });
    case 'notify':
      return ServiceHarness.open({ name, settings, loadConfig: loadNotify, start: startNotify });
    case 'history':
      return ServiceHarness.open({ name, settings, loadConfig: loadHistory, start: startHistory });
  }
}

describe('redriven dead letter', () => {
  it.each(['intake', 'notify', 'history'] as const)('is read again by %s', async (name) => {
    await using service = await open(name);
    const { kafka, raw } = service.sandbox;
    await service.start();
    await service.waitUntilReady();
    const key = randomUUID();
    await raw.send('export.completed', { key, value: 'not an event' });
    const letters = () => kafka.deadLetters(name);
    const [first] = await waitFor(
      async () => {
        const found = await letters();
        return found.length === 1 && found;
      },
      { limitMs, everyMs: 300, what: 'the dead letter' },
    );
    if (first === undefined) throw new Error('there is no dead letter');
    await kafka.redrive(first);
    // It can still not be read, so that there is a second dead letter about it.
    await waitFor(async () => (await raw.ends(`${name}.dlq`)).get(0) === 2n, {
      limitMs,
      what: 'the second one',
    });
    const again = await letters();
    expect(again).toMatchObject([{ causeCode: 'EVENT_UNREADABLE', group: `waybill.${name}` }]);
    expect(again[0]?.failedAt).toBeGreaterThan(first.failedAt);
  });
});
