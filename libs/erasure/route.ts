import { authenticate, callerOf, requirePermission, type Authenticator } from '@waybill/auth';
import { createRouter, parseWith, readJsonBody, type HttpRouter } from '@waybill/http';
import { z } from 'zod';
import type { Eraser } from './eraser.ts';
import type { ErasureRecords } from './records.ts';

export interface ErasureRouteDeps {
  readonly eraser: Eraser;
  readonly erasureRecords: ErasureRecords;
}

/** What the handler needs of a request, so that it can follow any middleware. */
type ErasureContext = Parameters<typeof readJsonBody>[0] & Parameters<typeof callerOf>[0] & { body: unknown };

const bodyLimitBytes = 4_096;

/** Schema of the request body, for the service's OpenAPI document. */
export const erasureRequest = z.strictObject({
  company_id: z.string().describe("The company of the session's token"),
  user_id: z.string().min(1).max(128).optional().describe('The whole company if it is left out'),
});

const otherCompany = {
  en: "must be the company of the session's token",
  id: 'harus berupa perusahaan dari token sesi',
};

/** The body repeats the company, so that an administrator with the token of another company does not erase that one by mistake. */
const bodyOf = (companyId: string) =>
  erasureRequest.extend({
    company_id: z.string().refine((given) => given === companyId, { params: { texts: otherCompany } }),
  });

/** Returns the schema of the answer, for the service's OpenAPI document. `counts` lists the kinds of data that it erases. */
export const erasureAnswer = <Counts extends z.ZodType>(counts: Counts) =>
  z.strictObject({
    erasure_id: z.uuid().describe('Of the record of this erasure, which stays'),
    company_id: z.string(),
    user_id: z.string().nullable(),
    erased_at: z.iso.datetime(),
    removed: counts,
    remaining: counts,
  });

/**
 * Returns the handler of POST …/erasures; it must follow `authenticate`.
 * @throws ExportError FORBIDDEN without `contacts.export.erase`; VALIDATION_FAILED if the body names another company.
 */
export function erasureHandler({
  eraser,
  erasureRecords: records,
}: ErasureRouteDeps): (ctx: ErasureContext) => Promise<void> {
  return async (ctx) => {
    const caller = callerOf(ctx);
    requirePermission(caller, 'contacts.export.erase');
    const { companyId } = caller;
    const { user_id: userId } = parseWith(bodyOf(companyId), await readJsonBody(ctx, bodyLimitBytes));
    const at = new Date();
    const scope = { companyId, userId };
    const id = await records.start(scope, caller.userId, at);
    const report = await eraser.erase(scope, at);
    await records.finish(id, report, new Date());
    ctx.body = {
      erasure_id: id,
      company_id: companyId,
      user_id: userId ?? null,
      erased_at: at.toISOString(),
      ...report,
    };
  };
}

/** Returns a router with the erasure route only, for services without other routes. */
export function erasureRoutes(
  prefix: string,
  deps: ErasureRouteDeps & { readonly authenticator: Authenticator },
): HttpRouter {
  const router = createRouter({ prefix });
  router.use(authenticate(deps.authenticator));
  router.post('/erasures', erasureHandler(deps));
  return router;
}
