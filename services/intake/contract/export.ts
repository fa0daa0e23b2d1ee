import { z } from 'zod';

export const warningSchema = z.object({
  code: z
    .enum([
      'DUPLICATE_IDS',
      'OVER_CAP',
      'EMPTY_SELECTION',
      'COUNT_LATE',
      'TRUNCATIONS_EXPECTED',
      'SEVERAL_SHEETS',
      'OVER_QUOTA',
    ])
    .describe('Stable'),
  message: z.string().describe('In the language of the reader'),
});

/** Something that a person should know and that refuses nothing. */
export type Warning = z.output<typeof warningSchema>;

export const acceptedSchema = z.object({
  job_id: z.uuid(),
  status: z.literal('queued'),
  email: z.email().describe('Where the link to the file goes'),
  warnings: z.array(warningSchema).optional(),
});

export const preflightSchema = z
  .object({
    total: z.int().min(0).nullable().describe('Contacts selected; null when counting took too long'),
    cap: z.int().min(1).describe('The most contacts that this export may hold'),
    estimated_bytes: z.int().min(0).describe('Estimated from a sample'),
    warnings: z.array(warningSchema),
  })
  .describe('What an export of this body would be; nothing is started');

export type Preflight = z.output<typeof preflightSchema>;
