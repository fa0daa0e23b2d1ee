import { ExportError } from '@waybill/errors';
import type { Logger, Metrics } from '@waybill/observability';
import type { CompanyId } from '@waybill/domain';
import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';

export interface RateLimitRule {
  /** Names the route in the limiter's keys. */
  readonly name: string;
  /** Accepted requests of one company in one window. */
  readonly points: number;
  readonly windowMs: number;
}

/** What a company has left of its window; the values of the RateLimit headers. */
export interface RateLimitState {
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until the window ends. */
  readonly resetSeconds: number;
  readonly windowSeconds: number;
}

/** A point that was taken for a request. */
export interface RateLimitPoint {
  readonly state: RateLimitState;
  /** The request was not accepted after all: it does not count. Never throws. */
  giveBack(): Promise<void>;
}

export interface RateLimit {
  /** @throws RateLimited */
  take(companyId: CompanyId): Promise<RateLimitPoint>;
}

/** Says when the company may ask again; carries the headers' values. */
export class RateLimited extends ExportError {
  readonly state: RateLimitState;

  constructor(state: RateLimitState) {
    super('EXPORT_RATE_LIMITED', {
      params: {
        limit: state.limit,
        window_seconds: state.windowSeconds,
        retry_after_seconds: state.resetSeconds,
      },
    });
    this.state = state;
  }
}

export interface RateLimitOptions {
  readonly redis: Redis;
  readonly rule: RateLimitRule;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/**
 * Counts accepted requests by company, in Redis for all instances together. While Redis is down each process counts
 * for itself, and `intake_rate_limit_fallback_total` says so.
 */
export function createRateLimit({ redis, rule, metrics, logger }: RateLimitOptions): RateLimit {
  const windowSeconds = Math.max(1, Math.round(rule.windowMs / 1_000));
  const window = { points: rule.points, duration: windowSeconds, keyPrefix: `rate:${rule.name}` };
  const fallbacks = metrics.counter(
    'intake_rate_limit_fallback_total',
    'Requests that were counted by this process alone because Redis was down',
  );
  const limiter = new RateLimiterRedis({
    ...window,
    storeClient: redis,
    rejectIfRedisNotReady: true,
    insuranceLimiter: new CountedMemory(window, () => fallbacks.inc()),
  });
  const stateOf = (res: RateLimiterRes): RateLimitState => ({
    limit: rule.points,
    remaining: Math.max(0, res.remainingPoints),
    resetSeconds: Math.max(1, Math.ceil(res.msBeforeNext / 1_000)),
    windowSeconds,
  });
  const giveBack = async (companyId: CompanyId): Promise<void> => {
    try {
      await limiter.reward(companyId);
    } catch (error) {
      logger.warn({ error, company_id: companyId }, 'rate limit point not given back');
    }
  };
  return {
    async take(companyId) {
      try {
        const state = stateOf(await limiter.consume(companyId));
        return { state, giveBack: () => giveBack(companyId) };
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) throw refused;
        // A refused request does not count, or a later point that is given back would be lost on it.
        await giveBack(companyId);
        throw new RateLimited(stateOf(refused));
      }
    },
  };
}

class CountedMemory extends RateLimiterMemory {
  readonly #used: () => void;

  constructor(window: ConstructorParameters<typeof RateLimiterMemory>[0], used: () => void) {
    super(window);
    this.#used = used;
  }

  override consume(...request: Parameters<RateLimiterMemory['consume']>): Promise<RateLimiterRes> {
    this.#used();
    return super.consume(...request);
  }
}
