import { callerOf, type Caller } from '@waybill/auth';
import { ExportError } from '@waybill/errors';
import { languageOf, readJsonBody, type HttpContext, type HttpRouter } from '@waybill/http';
import { limits } from '@waybill/domain';
import type { Accepted, AcceptRequest } from '../admission/accept.ts';
import type { ExportFlag } from '../admission/flag.ts';
import { duplicatesWarning } from '../admission/warnings.ts';
import { permit, whileOn } from './guard.ts';
import { setRateLimit, withRateLimitHeaders } from './rate-limit-headers.ts';

export interface ExportRouteParts {
  readonly flag: ExportFlag;
  readonly accept: (request: AcceptRequest) => Promise<Accepted>;
  /** Called once for each new job, when its answer is settled. */
  readonly onAccepted: (accepted: Accepted, caller: Caller) => void;
}

/** POST …/export: 200 with the job's id, whether the request is new or repeated. */
export function addExportRoute(router: HttpRouter, { flag, accept, onAccepted }: ExportRouteParts): void {
  router.post('/export', whileOn(flag), permit('contacts.export'), async (ctx) => {
    const caller = callerOf(ctx);
    const language = languageOf(ctx);
    const key = idempotencyKeyOf(ctx);
    const accepted = await withRateLimitHeaders(ctx, async () =>
      accept({
        caller,
        language,
        body: await readJsonBody(ctx, limits.bodyBytes),
        ...(key === undefined ? {} : { idempotencyKey: key }),
        traceparent: ctx.state.traceparent,
      }),
    );
    if (accepted.rateLimit !== undefined) setRateLimit(ctx, accepted.rateLimit);
    if (accepted.repeated) ctx.set('Idempotency-Replayed', 'true');
    ctx.body = {
      job_id: accepted.job._id,
      status: 'queued',
      email: caller.email,
      ...(accepted.duplicates === 0 ? {} : { warnings: [duplicatesWarning(accepted.duplicates, language)] }),
    };
    if (!accepted.repeated) onAccepted(accepted, caller);
  });
}

/** A key is any printable text of up to 255 characters (draft-ietf-httpapi-idempotency-key-header). */
function idempotencyKeyOf(ctx: HttpContext): string | undefined {
  const key = ctx.get('Idempotency-Key');
  if (key === '') return undefined;
  if (/^[\x20-\x7e]{1,255}$/.test(key)) return key;
  throw new ExportError('VALIDATION_FAILED', {
    errors: [{ path: 'Idempotency-Key', message: 'expected 1 to 255 printable ASCII characters' }],
  });
}
