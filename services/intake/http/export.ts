import { callerOf, requireEmail, type Caller } from '@waybill/auth';
import type { ContactSource, Permissions } from '@waybill/contacts';
import { ExportError } from '@waybill/errors';
import { languageOf, readJsonBody, type HttpContext, type HttpRouter } from '@waybill/http';
import { limits } from '@waybill/domain';
import type { Accepted, AcceptRequest } from '../admission/accept.ts';
import type { ExportFlag } from '../admission/flag.ts';
import type { Preflight, PreflightRequest } from '../admission/preflight.ts';
import type { RateLimit } from '../admission/rate-limit.ts';
import { duplicatesWarning } from '../admission/warnings.ts';
import { statusAt } from '../job/status.ts';
import { exportOptions } from '../request/options.ts';
import { permit, permitNow, requireFlag } from './guard.ts';
import { limitReads, setRateLimit, withRateLimitHeaders } from './rate-limit-headers.ts';

export interface ExportRouteDeps {
  readonly flag: ExportFlag;
  readonly contacts: ContactSource;
  /** The permissions that the CRM gives now. */
  readonly permissions: Permissions;
  readonly accept: (request: AcceptRequest) => Promise<Accepted>;
  /** Called once for each new job, after its answer is set. */
  readonly onAccepted: (accepted: Accepted, caller: Caller) => void;
  readonly preflight: (request: PreflightRequest) => Promise<Preflight>;
  readonly readLimit: RateLimit;
  readonly defaultCap: number;
  readonly defaultTimezone: string;
  readonly now: () => Date;
}

/** Adds the routes that start an export, describe one without starting it, and list the options of a request. */
export function addExportRoutes(router: HttpRouter, deps: ExportRouteDeps): void {
  const { flag, contacts, permissions, accept, onAccepted, preflight, readLimit, now } = deps;

  router.post('/export', requireFlag(flag), permitNow(permissions, 'contacts.export'), async (ctx) => {
    const caller = requireEmail(callerOf(ctx));
    const language = languageOf(ctx);
    const idempotencyKey = idempotencyKeyOf(ctx);
    const accepted = await withRateLimitHeaders(ctx, async () =>
      accept({
        caller,
        language,
        body: await readJsonBody(ctx, limits.bodyBytes),
        ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
        traceparent: ctx.state.traceparent,
      }),
    );
    if (accepted.rateLimit !== undefined) setRateLimit(ctx, accepted.rateLimit);
    if (accepted.repeated) ctx.set('Idempotency-Replayed', 'true');
    ctx.body = {
      job_id: accepted.job._id,
      status: statusAt(accepted.job, now().getTime()),
      email: caller.email,
      ...(accepted.duplicates === 0 ? {} : { warnings: [duplicatesWarning(accepted.duplicates, language)] }),
    };
    if (!accepted.repeated) onAccepted(accepted, caller);
  });

  const mayRead = [requireFlag(flag), permit('contacts.export'), limitReads(readLimit)];
  router.post('/export/preflight', ...mayRead, async (ctx) => {
    const { companyId, locale } = callerOf(ctx);
    ctx.body = await preflight({
      companyId,
      locale,
      language: languageOf(ctx),
      body: await readJsonBody(ctx, limits.bodyBytes),
    });
  });

  // Answers while the flag is off too, with `enabled: false`: clients hide the export then.
  router.get('/export/options', permit('contacts.export'), async (ctx) => {
    const caller = callerOf(ctx);
    const [enabled, tenant] = await Promise.all([flag.isOn(caller), contacts.tenant(caller.companyId)]);
    ctx.body = exportOptions({
      enabled,
      cap: tenant?.cap ?? deps.defaultCap,
      defaultTimezone: deps.defaultTimezone,
      language: languageOf(ctx),
      now: now().getTime(),
    });
  });
}

const keyText = {
  en: 'must be 1 to 255 printable ASCII characters',
  id: 'harus terdiri dari 1 sampai 255 karakter ASCII yang dapat dicetak',
};

/**
 * Returns the Idempotency-Key: up to 255 printable ASCII characters (draft-ietf-httpapi-idempotency-key-header).
 * @throws ExportError `VALIDATION_FAILED`
 */
function idempotencyKeyOf(ctx: HttpContext): string | undefined {
  const key = ctx.get('Idempotency-Key');
  if (key === '') return undefined;
  if (/^[\x20-\x7e]{1,255}$/.test(key)) return key;
  throw new ExportError('VALIDATION_FAILED', {
    errors: [{ path: 'Idempotency-Key', message: keyText }],
  });
}
