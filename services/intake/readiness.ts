import { ExportError } from '@waybill/errors';
import type { EventConsumer } from '@waybill/kafka';
import { keepTrying, type ServiceContext } from '@waybill/service';
import { ensureIndexes } from '@waybill/mongo';
import type { Redis } from 'ioredis';
import type { Connections } from './connections.ts';
import { indexes } from './indexes.ts';

/** Until the unique indexes are there, two identical requests could make two jobs: nothing is accepted before. */
export interface IndexGate {
  /** @throws ExportError `SERVICE_UNAVAILABLE` */
  require(): void;
}

export function openIndexGate({ store }: Pick<Connections, 'store'>, context: ServiceContext): IndexGate {
  let open = false;
  keepTrying('mongodb', () => ensureIndexes(store.db, indexes), context).then(
    () => {
      open = true;
    },
    (error: unknown) => {
      if (!context.signal.aborted) context.logger.error({ error }, 'indexes not created');
    },
  );
  return {
    require() {
      if (!open) throw new ExportError('SERVICE_UNAVAILABLE');
    },
  };
}

export interface ReadinessParts {
  readonly links: Pick<Connections, 'store' | 'redis'>;
  readonly gate: IndexGate;
  readonly consumer: EventConsumer;
}

/**
 * What /readyz asks. MongoDB must answer always: without it nothing is accepted. Kafka and Redis must have answered
 * once, which shows that the settings are right; after that the service works on without them, and taking it out of
 * the balancer would only lose requests that it could have accepted.
 */
export function addProbes({ links, gate, consumer }: ReadinessParts, { probes }: ServiceContext): void {
  probes.add('mongodb', async () => {
    await links.store.ping();
    gate.require();
  });
  probes.add(
    'kafka',
    once('kafka', () => consumer.ready()),
  );
  probes.add(
    'redis',
    once('redis', () => isReady(links.redis)),
  );
}

function isReady(redis: Redis): boolean {
  return redis.status === 'ready';
}

function once(name: string, answers: () => boolean): () => Promise<void> {
  let seen = false;
  return () => {
    seen ||= answers();
    return seen ? Promise.resolve() : Promise.reject(new Error(`${name} has not answered yet`));
  };
}
