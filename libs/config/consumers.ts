import { retryDelays } from '@waybill/schemas';
import { z } from 'zod';
import { integer, listOf } from './kinds.ts';
import { setting } from './setting.ts';

/** For services with a lane of their own for large exports. */
export const laneSettings = {
  LANES: setting(listOf(['standard', 'bulk']).default(['standard', 'bulk']), {
    reason: 'The lanes that this process serves. Operators run processes for each, to scale them apart.',
  }),
  KAFKA_SESSION_TIMEOUT_MS: setting(integer({ min: 6_000, max: 300_000 }).default(30_000), {
    unit: 'ms',
    reason: 'A process that is silent for so long loses its partitions. 6 s is the least that Kafka allows.',
  }),
};

const names = retryDelays.map((delay) => delay.name).join('|');

/** `30s=500,5m=1000` makes these retry topics wait so long instead. */
const delays = z
  .string()
  .regex(new RegExp(`^(${names})=\\d{1,9}(,(${names})=\\d{1,9})*$`), {
    error: `expected name=ms with commas between several, of ${names.replaceAll('|', ', ')}`,
  })
  .transform((text): Readonly<Record<string, number>> => {
    const entries = text.split(',').map((pair) => pair.split('='));
    return Object.fromEntries(entries.map(([name, ms]) => [name ?? '', Number(ms)]));
  });

/** For services that try again through delay topics and tell of it with product events. */
export const deliverySettings = {
  RETRY_DELAYS_MS: setting(delays.default({}), {
    unit: 'ms',
    reason: 'Retry topics that wait longer or shorter than their name says, such as 30s=5000,1h=600000.',
  }),
  OUTBOX_EVERY_MS: setting(integer({ min: 10 }).default(2_000), {
    unit: 'ms',
    reason: 'How often product events that Kafka did not take at once are offered again.',
  }),
};
