import { callerOf } from '@waybill/auth';
import type { HttpContext } from '@waybill/http';
import { RateLimited, type RateLimit, type RateLimitState } from '../admission/rate-limit.ts';
import type { Middleware } from './guard.ts';

/** Sets the RateLimit headers (draft-ietf-httpapi-ratelimit-headers, in the form of separate headers). */
export function setRateLimit(ctx: HttpContext, state: RateLimitState): void {
  ctx.set('RateLimit-Limit', String(state.limit));
  ctx.set('RateLimit-Remaining', String(state.remaining));
  ctx.set('RateLimit-Reset', String(state.resetSeconds));
  ctx.set('RateLimit-Policy', `${state.limit};w=${state.windowSeconds}`);
}

/** Does the work and returns its result. Sets the RateLimit headers when the rate limit rejects it. */
export async function withRateLimitHeaders<T>(ctx: HttpContext, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RateLimited) setRateLimit(ctx, error.state);
    throw error;
  }
}

/** Counts a read of the caller, and sets the RateLimit headers. @throws RateLimited */
export function limitReads(readLimit: RateLimit): Middleware {
  return async (ctx, next) => {
    const { companyId, userId } = callerOf(ctx);
    // The ids contain no spaces.
    const point = await withRateLimitHeaders(ctx, () => readLimit.take(`${companyId} ${userId}`));
    await next();
    setRateLimit(ctx, point.state);
  };
}
