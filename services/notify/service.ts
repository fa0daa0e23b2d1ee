import { documentedRoutes } from '@waybill/http';
import { prepare, repeat, serveHttp, type RunningService, type ServiceContext } from '@waybill/service';
import { ensureIndexes } from '@waybill/mongo';
import type { NotifyConfig } from './config.ts';
import { connect } from './connections.ts';
import { notifyDocument } from './http/document.ts';
import { createConsumers } from './consumers.ts';
import { buildParts } from './parts.ts';
import { notificationRoutes } from './http/routes.ts';
import { indexes } from './indexes.ts';
import { sweep } from './retention.ts';

/** Starts the service; returns when it listens. Servers that are down are waited for in the background. */
export async function startNotify(config: NotifyConfig, context: ServiceContext): Promise<RunningService> {
  const { logger, probes } = context;
  const links = connect(config, context);
  const parts = buildParts(config, links, context);
  const consumers = createConsumers(parts, links);
  probes.add('mongodb', () => links.store.ping());
  probes.add('kafka', () => (consumers.ready() ? links.kafka.ping() : notYet('a consumer group')));
  const ending = new AbortController();
  const stopping = ending.signal;
  const routes = notificationRoutes({
    ...parts,
    tell: consumers.tell,
    stopping,
    pollMs: config.LIVE_POLL_MS,
    authenticator: links.authenticator,
  });
  const router = documentedRoutes(notifyDocument(), routes);
  const http = await serveHttp({ ...context, host: config.HTTP_HOST, port: config.HTTP_PORT, router });

  // Nothing is consumed before the indexes are there.
  const index = () => ensureIndexes(links.store.db, indexes);
  const prepared = prepare('mongodb', index, { ...context, failure: 'indexes not created' });
  const consuming = prepared.then((ready) => (ready ? consumers.start() : undefined));
  parts.outbox.start();
  const sweeping = repeat({
    everyMs: config.SWEEP_EVERY_MS,
    atOnce: true,
    logger,
    failure: 'sweep failed',
    work: () => sweep({ ...parts, stuckAfterMs: config.STUCK_AFTER_MS, signal: stopping, logger }),
  });
  return {
    port: http.port,
    async stop() {
      ending.abort();
      await http.stop();
      await Promise.all([consumers.stop(), parts.outbox.stop(), sweeping.stop()]);
      await consuming;
      await links.close();
    },
  };
}

function notYet(what: string): Promise<void> {
  return Promise.reject(new Error(`${what} has not been joined yet`));
}
