import { retryDelays } from '@waybill/schemas';
import { z } from 'zod';

const names = retryDelays.map((delay) => delay.name);
const pairs = z
  .string()
  .regex(new RegExp(`^(${names.join('|')})=\\d{1,9}(,(${names.join('|')})=\\d{1,9})*$`), {
    error: `expected name=ms with commas between several, of ${names.join(', ')}`,
  });

/** The setting RETRY_DELAYS_MS: `30s=500,5m=1000` makes these retry topics wait so long instead. */
export function retryDelaysSetting() {
  return pairs.transform((text): Readonly<Record<string, number>> => {
    const entries = text.split(',').map((pair) => pair.split('='));
    return Object.fromEntries(entries.map(([name, ms]) => [name ?? '', Number(ms)]));
  });
}
