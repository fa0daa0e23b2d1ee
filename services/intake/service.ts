import { inPlaceRetry, type EventConsumer } from '@waybill/kafka';
import { serveHttp, type RunningService, type ServiceContext } from '@waybill/service';
import { startBackground } from './background.ts';
import type { IntakeConfig } from './config.ts';
import { connect, type Connections } from './connections.ts';
import { createExportFlag } from './admission/flag.ts';
import { createOutlet } from './publishing/event-publisher.ts';
import { createProjection, type ProjectedTopic } from './handler.ts';
import { addProbes, openIndexGate } from './readiness.ts';
import { createRoutes } from './http/routes.ts';
import { createJobStore, type JobStore } from './job/job-store.ts';
import { useCases } from './use-cases.ts';

const now = Date.now;

/** Starts the service; returns when it listens. Servers that are down are waited for in the background. */
export async function startIntake(config: IntakeConfig, context: ServiceContext): Promise<RunningService> {
  const links = connect(config, context);
  const jobs = createJobStore(links.store.db);
  const gate = openIndexGate(links, context);
  const outlet = createOutlet({ jobs, links, config, now }, context);
  const consumer = projectInto(jobs, links, context);
  addProbes({ links, gate, consumer }, context);
  const stopping = new AbortController();
  const flag = await createExportFlag(`intake:${config.TOPIC_PREFIX}`, config.FLAG_CONTACT_EXPORT);
  const router = createRoutes({
    ...links,
    ...useCases({ config, links, jobs, outlet, gate }, context),
    jobs,
    flag,
    now,
    countLimitMs: config.COUNT_LIMIT_MS,
    defaultCap: config.DEFAULT_CAP,
    defaultTimezone: config.DEFAULT_TIMEZONE,
    pollMs: config.EVENTS_POLL_MS,
    heartbeatMs: config.EVENTS_HEARTBEAT_MS,
    stopping: stopping.signal,
    onChange: (job) => links.wakeUps.wake(job._id),
  });
  const http = await serveHttp({ ...context, host: config.HTTP_HOST, port: config.HTTP_PORT, router });

  const background = startBackground({ jobs, flags: links.flags, config, now }, context);
  outlet.start();
  const consuming = consumer.start();
  return {
    port: http.port,
    async stop() {
      stopping.abort();
      await http.stop();
      await Promise.all([consumer.stop(), outlet.stop(), ...background.map((work) => work.stop())]);
      await consuming;
      await links.close();
    },
  };
}

function projectInto(jobs: JobStore, links: Connections, { logger }: ServiceContext): EventConsumer {
  const handler = createProjection({
    jobs,
    onChange: (job, ended) => {
      links.wakeUps.wake(job._id);
      if (!ended) return;
      links.flags.lower(job._id).catch((error: unknown) => {
        logger.warn({ error, job_id: job._id }, 'cancel flag left to expire');
      });
    },
  });
  return links.kafka.createConsumer<ProjectedTopic>({
    group: 'waybill.intake',
    service: 'intake',
    topics: ['export.progress', 'export.completed'],
    handler,
    retry: inPlaceRetry,
  });
}
