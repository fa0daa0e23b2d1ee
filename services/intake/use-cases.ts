import type { Caller } from '@waybill/auth';
import { keyEncryptionFromSettings } from '@waybill/crypto';
import type { ServiceContext } from '@waybill/service';
import { regionBuckets } from '@waybill/object-storage';
import { createAccept, type Accepted } from './admission/accept.ts';
import { createChecks } from './admission/checks.ts';
import type { IntakeConfig } from './config.ts';
import type { Connections } from './connections.ts';
import type { Outlet } from './publishing/event-publisher.ts';
import { createEraser } from './job/eraser.ts';
import { createPersonalKeys } from './job/personal-keys.ts';
import { createPreflight } from './admission/preflight.ts';
import { configurationOf } from './presets/preset.ts';
import { createPresetStore } from './presets/preset-store.ts';
import { limitActivity, startedActivity } from './publishing/product-events.ts';
import { createQuota } from './admission/quota.ts';
import { createRateLimit } from './admission/rate-limit.ts';
import type { IndexGate } from './readiness.ts';
import { createRetry } from './admission/retry.ts';
import type { RouteParts } from './http/routes.ts';
import type { JobStore } from './job/job-store.ts';

export interface UseCaseParts {
  readonly config: IntakeConfig;
  readonly links: Connections;
  readonly jobs: JobStore;
  readonly outlet: Outlet;
  readonly gate: IndexGate;
}

type UseCases = Pick<
  RouteParts,
  'accept' | 'onAccepted' | 'preflight' | 'retry' | 'onRetried' | 'presets' | 'eraser'
>;

const now = Date.now;

/** What the routes do, wired to what they do it with. */
export function useCases(parts: UseCaseParts, { logger, metrics }: ServiceContext): UseCases {
  const { config, links, jobs, outlet, gate } = parts;
  const presets = createPresetStore(links.store.db);
  const personalKeys = createPersonalKeys(links.store.db, keyEncryptionFromSettings(config));
  const guards = {
    checks: checksOf(config, links),
    quota: createQuota((companyId, at) => jobs.heldBytes(companyId, at)),
    rateLimit: createRateLimit({ redis: links.redis, rule: ruleOf(config), logger, metrics }),
  };
  const accept = createAccept({
    ...guards,
    jobs,
    now,
    lease: () => outlet.lease(),
    personalKeys,
    onLimitExceeded: (caller, total, cap) => outlet.record(limitActivity(caller, total, cap)),
  });
  return {
    presets,
    eraser: createEraser({
      db: links.store.db,
      jobs,
      personalKeys,
      flags: links.flags,
      onChange: (jobId) => links.wakeUps.wake(jobId),
      logger,
    }),
    accept: (request) => {
      gate.require();
      return accept(request);
    },
    // What the person has waited for is done by now: the rest goes on beside the answer.
    onAccepted: (accepted: Accepted, caller: Caller) => {
      outlet.relayWritten(accepted.job);
      outlet.record(startedActivity(accepted));
      const configuration = configurationOf(accepted.body);
      presets.saveLast(caller, configuration, accepted.job.accepted_at).catch((error: unknown) => {
        logger.warn({ error, job_id: accepted.job._id }, 'last configuration not saved');
      });
    },
    preflight: createPreflight({
      checks: guards.checks,
      contacts: links.contacts,
      heldBytes: (companyId, at) => jobs.heldBytes(companyId, at),
      now,
    }),
    retry: createRetry({ ...guards, jobs, flags: links.flags, now }),
    onRetried: (jobId) => {
      links.wakeUps.wake(jobId);
      outlet.relay(jobId);
    },
  };
}

function checksOf(config: IntakeConfig, { contacts }: Connections) {
  return createChecks({
    contacts,
    defaultTimezone: config.DEFAULT_TIMEZONE,
    defaultRegion: config.DEFAULT_REGION,
    defaultCap: config.DEFAULT_CAP,
    defaultQuotaBytes: config.DEFAULT_QUOTA_BYTES,
    countLimitMs: config.COUNT_LIMIT_MS,
    regions: regionBuckets(config.REGION_BUCKETS),
  });
}

function ruleOf(config: IntakeConfig) {
  return {
    name: `${config.TOPIC_PREFIX}export`,
    points: config.RATE_LIMIT_POINTS,
    windowMs: config.RATE_LIMIT_WINDOW_MS,
  };
}
