import type { HttpContext } from '@waybill/http';
import { RateLimited, type RateLimitState } from '../admission/rate-limit.ts';

/** The RateLimit headers (draft-ietf-httpapi-ratelimit-headers, the form that clients know). */
export function setRateLimit(ctx: HttpContext, state: RateLimitState): void {
  ctx.set('RateLimit-Limit', String(state.limit));
  ctx.set('RateLimit-Remaining', String(state.remaining));
  ctx.set('RateLimit-Reset', String(state.resetSeconds));
  ctx.set('RateLimit-Policy', `${state.limit};w=${state.windowSeconds}`);
}

/** The work's result; a refusal of the rate limit gets its headers too. */
export async function withRateLimitHeaders<T>(ctx: HttpContext, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RateLimited) setRateLimit(ctx, error.state);
    throw error;
  }
}
