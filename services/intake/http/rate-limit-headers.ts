import type { HttpContext } from '@waybill/http';
import { RateLimited, type RateLimitState } from '../admission/rate-limit.ts';

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
