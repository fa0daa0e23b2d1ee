import { erasureAnswer } from '@waybill/erasure';
import { z } from 'zod';

const count = z.int().nonnegative();

/** What `left` is not 0 of goes when the same is asked for again: a job, once it has ended. */
export const erasureSchema = erasureAnswer(
  z.strictObject({ jobs: count, presets: count, last_configurations: count, personal_keys: count }),
);
