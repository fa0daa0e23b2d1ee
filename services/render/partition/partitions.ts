import type { TopicPartition, TopicPosition } from '@waybill/kafka';
import type { RenderDeps } from '../deps.ts';
import type { BatchTopic } from './partition-state.ts';
import { Partition } from './partition.ts';

/** The partitions that this process owns or has owned. */
export class Partitions {
  readonly #deps: RenderDeps;
  readonly #byName = new Map<string, Partition>();

  constructor(deps: RenderDeps) {
    this.#deps = deps;
  }

  of(topic: BatchTopic, partition: number): Partition {
    const name = nameOf({ topic, partition });
    const known = this.#byName.get(name) ?? new Partition(topic, partition, this.#deps);
    this.#byName.set(name, known);
    return known;
  }

  all(): readonly Partition[] {
    return [...this.#byName.values()];
  }

  /**
   * Runs each time the consumer has joined its group. Partitions that this process keeps are compared with MongoDB and
   * go on where they stopped; the others are dropped. Returns the positions to seek to.
   * @throws ExportError SERVICE_UNAVAILABLE
   */
  async onAssigned(
    assigned: readonly TopicPartition<BatchTopic>[],
  ): Promise<readonly TopicPosition<BatchTopic>[]> {
    const names = new Set(assigned.map(nameOf));
    const positions = await Promise.all(
      this.all().map((one) =>
        one.exclusive(async () => {
          const { topic, partition } = one.state;
          if (!names.has(nameOf(one.state))) {
            await this.#drop(one);
            return [];
          }
          const offset = await one.reconcile();
          return offset === undefined ? [] : [{ topic, partition, offset }];
        }),
      ),
    );
    return positions.flat();
  }

  /** Abandons every file when the service stops. */
  async dropAll(): Promise<void> {
    await Promise.all(this.all().map((partition) => this.#drop(partition)));
  }

  async #drop(partition: Partition): Promise<void> {
    this.#byName.delete(nameOf(partition.state));
    await partition.abandonAll();
  }
}

function nameOf({ topic, partition }: TopicPartition<BatchTopic>): string {
  return `${topic}/${partition}`;
}
