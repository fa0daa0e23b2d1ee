import { catalogue } from '@waybill/errors';
import { z } from 'zod';

export const problemSchema = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('What a person can do, in the language of Accept-Language (en, id)'),
    instance: z.string(),
    code: z
      .string()
      .describe('Stable; one of the error catalogue')
      .meta({ examples: Object.keys(catalogue).slice(0, 3) }),
    request_id: z.string(),
    errors: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .optional()
      .describe('Each wrong place of the request'),
  })
  .describe(
    'RFC 9457 problem details; parameters of the code, such as total and cap, stand beside these members',
  );
