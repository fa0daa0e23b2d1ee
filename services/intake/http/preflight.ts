import { callerOf } from '@waybill/auth';
import { languageOf, readJsonBody, type HttpRouter } from '@waybill/http';
import { limits } from '@waybill/domain';
import type { Preflight } from '../contract/export.ts';
import type { ExportFlag } from '../admission/flag.ts';
import type { PreflightRequest } from '../admission/preflight.ts';
import { permit, whileOn } from './guard.ts';

export interface PreflightRouteParts {
  readonly flag: ExportFlag;
  readonly preflight: (request: PreflightRequest) => Promise<Preflight>;
}

/** POST …/export/preflight: what an export of the same body would be. */
export function addPreflightRoute(router: HttpRouter, { flag, preflight }: PreflightRouteParts): void {
  router.post('/export/preflight', whileOn(flag), permit('contacts.export'), async (ctx) => {
    const { companyId, locale } = callerOf(ctx);
    ctx.body = await preflight({
      companyId,
      locale,
      language: languageOf(ctx),
      body: await readJsonBody(ctx, limits.bodyBytes),
    });
  });
}
