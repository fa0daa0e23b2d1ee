import { documentedRoutes } from '@waybill/http';
import type { EventConsumer } from '@waybill/kafka';
import { prepare, repeat, serveHttp, type RunningService, type ServiceContext } from '@waybill/service';
import { ensureIndexes } from '@waybill/mongo';
import type { HistoryConfig } from './config.ts';
import { connect, type Connections } from './connections.ts';
import { historyDocument } from './http/document.ts';
import { createHandler, type HandlerParts } from './handler.ts';
import { buildParts } from './parts.ts';
import { historyRoutes } from './http/routes.ts';
import { indexes } from './indexes.ts';
import { sweep } from './sweeper.ts';

/** Starts the service; returns when it listens. Servers that are down are waited for in the background. */
export async function startHistory(config: HistoryConfig, context: ServiceContext): Promise<RunningService> {
  const { logger, probes } = context;
  const links = connect(config, context);
  const parts = buildParts(config, links, context);
  const consumer = consumeWith(parts, links);
  probes.add('mongodb', () => links.store.ping());
  probes.add('kafka', () => (consumer.ready() ? links.kafka.ping() : notYet('the consumer group')));
  const router = documentedRoutes(historyDocument(), historyRoutes(parts));
  const http = await serveHttp({ ...context, host: config.HTTP_HOST, port: config.HTTP_PORT, router });

  const stopping = new AbortController();
  const { signal } = stopping;
  // Nothing is consumed before the indexes are there.
  const index = () => ensureIndexes(links.store.db, indexes);
  const prepared = prepare('mongodb', index, { ...context, failure: 'indexes not created' });
  const consuming = prepared.then((ready) => (ready ? consumer.start() : undefined));
  parts.outboxes.start();
  const sweeping = repeat({
    everyMs: config.SWEEP_EVERY_MS,
    atOnce: true,
    logger,
    failure: 'sweep failed',
    work: () => sweep({ ...parts, signal, logger }),
  });
  return {
    port: http.port,
    async stop() {
      stopping.abort();
      await http.stop();
      await Promise.all([consumer.stop(), parts.outboxes.stop(), sweeping.stop()]);
      await consuming;
      await links.close();
    },
  };
}

function consumeWith(parts: HandlerParts, { kafka }: Connections): EventConsumer {
  return kafka.createConsumer({
    group: 'waybill.history',
    service: 'history',
    topics: ['export.completed'],
    handler: createHandler(parts),
    retry: { kind: 'delayed' },
  });
}

function notYet(what: string): Promise<void> {
  return Promise.reject(new Error(`${what} has not been joined yet`));
}
