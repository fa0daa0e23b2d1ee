import { authenticate, callerOf, requirePermission, type Authenticator } from '@waybill/auth';
import { createRouter, parseWith, readJsonBody, type HttpRouter } from '@waybill/http';
import { z } from 'zod';
import type { Eraser } from './eraser.ts';

export interface ErasureRouteParts {
  readonly eraser: Eraser;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What is needed of a request, so that the handler fits behind any middleware. */
type ErasureContext = Parameters<typeof readJsonBody>[0] & Parameters<typeof callerOf>[0] & { body: unknown };

const bodyLimitBytes = 4_096;

/** The body, for a service's contract. */
export const erasureRequest = z.strictObject({
  company_id: z.string().describe("The company of the session's token"),
  user_id: z.string().min(1).max(128).optional().describe('The whole company where it is left out'),
});

/** The company is named once more: a token of another company must not erase that one instead. */
const bodyOf = (companyId: string) =>
  erasureRequest.extend({
    company_id: z.literal(companyId, { error: "expected the company of the session's token" }),
  });

/** The answer, for a service's contract: `counts` are the kinds of things that the service erases. */
export const erasureAnswer = <Counts extends z.ZodType>(counts: Counts) =>
  z.strictObject({
    company_id: z.string(),
    user_id: z.string().nullable(),
    erased_at: z.iso.datetime(),
    removed: counts,
    remaining: counts,
  });

/**
 * Answers POST …/erasures, behind `authenticate`.
 * @throws ExportError FORBIDDEN without `contacts.export.admin`, VALIDATION_FAILED where the body names another company.
 */
export function erasureHandler({ eraser, now }: ErasureRouteParts): (ctx: ErasureContext) => Promise<void> {
  return async (ctx) => {
    const caller = callerOf(ctx);
    requirePermission(caller, 'contacts.export.admin');
    const { companyId } = caller;
    const { user_id: userId } = parseWith(bodyOf(companyId), await readJsonBody(ctx, bodyLimitBytes));
    const at = new Date(now());
    const report = await eraser.erase({ companyId, userId }, at);
    ctx.body = { company_id: companyId, user_id: userId ?? null, erased_at: at.toISOString(), ...report };
  };
}

/** The routes of a service that answers nothing else. */
export function erasureRoutes(
  prefix: string,
  parts: ErasureRouteParts & { readonly authenticator: Authenticator },
): HttpRouter {
  const router = createRouter({ prefix });
  router.use(authenticate(parts.authenticator));
  router.post('/erasures', erasureHandler(parts));
  return router;
}
