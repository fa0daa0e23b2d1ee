import { callerOf } from '@waybill/auth';
import type { ContactSource } from '@waybill/contacts';
import { languageOf, type HttpRouter } from '@waybill/http';
import type { ExportFlag } from '../admission/flag.ts';
import { exportOptions } from '../request/options.ts';
import { permit } from './guard.ts';

export interface OptionsRouteParts {
  readonly flag: ExportFlag;
  readonly contacts: ContactSource;
  readonly defaultCap: number;
  readonly defaultTimezone: string;
  readonly now: () => number;
}

/** GET …/export/options. It answers also while the feature is off, and says so: a client then hides the export. */
export function addOptionsRoute(router: HttpRouter, parts: OptionsRouteParts): void {
  router.get('/export/options', permit('contacts.export'), async (ctx) => {
    const caller = callerOf(ctx);
    const [enabled, tenant] = await Promise.all([
      parts.flag.isOn(caller),
      parts.contacts.tenant(caller.companyId),
    ]);
    ctx.body = exportOptions({
      enabled,
      cap: tenant?.cap ?? parts.defaultCap,
      defaultTimezone: parts.defaultTimezone,
      language: languageOf(ctx),
      now: parts.now(),
    });
  });
}
