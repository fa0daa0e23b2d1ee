import { callerOf, requirePermission, type Authenticator, authenticate } from '@waybill/auth';
import { parseWith, readJsonBody, type HttpRouter } from '@waybill/http';
import { z } from 'zod';
import type { Eraser } from './eraser.ts';

export interface OperatorParts {
  readonly authenticator: Authenticator;
  readonly eraser: Eraser;
  readonly now: () => number;
}

const bodyLimitBytes = 4_096;
/** The company is named once more: a token of another company must not erase that one instead. */
export const erasureBody = (companyId: string) =>
  z.strictObject({
    company_id: z.literal(companyId, { error: "expected the company of the session's token" }),
    user_id: z.string().min(1).max(128).optional(),
  });

/** What an operator does for a company, with its `contacts.export.admin`. */
export function addOperatorRoutes(router: HttpRouter, parts: OperatorParts): void {
  router.post('/erasures', authenticate(parts.authenticator), async (ctx) => {
    const { companyId, ...caller } = callerOf(ctx);
    requirePermission({ companyId, ...caller }, 'contacts.export.admin');
    const { user_id: userId } = parseWith(erasureBody(companyId), await readJsonBody(ctx, bodyLimitBytes));
    const now = new Date(parts.now());
    const report = await parts.eraser.erase({ companyId, userId }, now);
    ctx.body = { company_id: companyId, user_id: userId ?? null, erased_at: now.toISOString(), ...report };
  });
}
