import { ExportError, type ErrorCode } from '@waybill/errors';
import type { Logger, Metrics } from '@waybill/observability';
import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';

export interface RateLimitRule {
  /** Starts the limiter's keys in Redis. */
  readonly name: string;
  /** Requests of one key per window. */
  readonly points: number;
  readonly windowMs: number;
  /** The code of a request without a point. */
  readonly code: ErrorCode;
}

/** The rest of a window: the values of the RateLimit headers. */
export interface RateLimitState {
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until the window ends; 0 while none runs, before the first request. */
  readonly resetSeconds: number;
  readonly windowSeconds: number;
}

/** A point that a request has taken. */
export interface RateLimitPoint {
  readonly state: RateLimitState;
  /** Gives the point back when the request is not accepted, because it does not count then. Never throws. */
  giveBack(): Promise<void>;
}

export interface RateLimit {
  /**
   * Takes a point of a company or a person.
   * @throws RateLimited
   */
  take(key: string): Promise<RateLimitPoint>;
  /** Returns the rest of a window and takes no point. */
  read(key: string): Promise<RateLimitState>;
}

/** The error of a request without a point; contains the values of the RateLimit headers. */
export class RateLimited extends ExportError {
  readonly state: RateLimitState;

  constructor(code: ErrorCode, state: RateLimitState) {
    super(code, {
      params: {
        limit: state.limit,
        window_seconds: state.windowSeconds,
        retry_after_seconds: state.resetSeconds,
      },
    });
    this.state = state;
  }
}

export interface RateLimitDeps {
  readonly redis: Redis;
  readonly rule: RateLimitRule;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/**
 * Creates a rate limit that counts requests per key in Redis, for all instances together. While Redis is down each process
 * counts its own requests, and `waybill_rate_limit_fallbacks_total` counts these.
 */
export function createRateLimit({ redis, rule, metrics, logger }: RateLimitDeps): RateLimit {
  const windowSeconds = Math.max(1, Math.round(rule.windowMs / 1_000));
  const window = { points: rule.points, duration: windowSeconds, keyPrefix: `rate:${rule.name}` };
  const fallbacks = metrics.counter(
    'waybill_rate_limit_fallbacks_total',
    'Requests that this process counted by itself because Redis was down',
  );
  const limiter = new RateLimiterRedis({
    ...window,
    storeClient: redis,
    rejectIfRedisNotReady: true,
    insuranceLimiter: new FallbackLimiter(window, () => fallbacks.inc()),
  });
  const stateOf = (res: RateLimiterRes): RateLimitState => ({
    limit: rule.points,
    remaining: Math.max(0, res.remainingPoints),
    resetSeconds: Math.max(1, Math.ceil(res.msBeforeNext / 1_000)),
    windowSeconds,
  });
  const giveBack = async (key: string): Promise<void> => {
    try {
      await limiter.reward(key);
    } catch (error) {
      logger.warn({ error, rule: rule.name, key }, 'rate limit point not given back');
    }
  };
  return {
    async read(key) {
      const res = await limiter.get(key);
      if (res !== null) return stateOf(res);
      return { limit: rule.points, remaining: rule.points, resetSeconds: 0, windowSeconds };
    },
    async take(key) {
      try {
        const state = stateOf(await limiter.consume(key));
        return { state, giveBack: () => giveBack(key) };
      } catch (rejected) {
        if (!(rejected instanceof RateLimiterRes)) throw rejected;
        // The limiter counts rejected requests too. Without this a point given back later would be lost on one.
        await giveBack(key);
        throw new RateLimited(rule.code, stateOf(rejected));
      }
    },
  };
}

/** Limits in the memory of this process and counts how often it is used. */
class FallbackLimiter extends RateLimiterMemory {
  readonly #onUse: () => void;

  constructor(window: ConstructorParameters<typeof RateLimiterMemory>[0], onUse: () => void) {
    super(window);
    this.#onUse = onUse;
  }

  override consume(...request: Parameters<RateLimiterMemory['consume']>): Promise<RateLimiterRes> {
    this.#onUse();
    return super.consume(...request);
  }
}
