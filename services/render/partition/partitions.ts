import type { TopicPartition } from '@waybill/kafka';
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
   * Runs each time the group has given this process a partition. What it keeps of it is compared with MongoDB and
   * continues where it stopped. Returns the offset to seek to; undefined if the committed one decides.
   * @throws ExportError SERVICE_UNAVAILABLE
   */
  async onAssigned({ topic, partition }: TopicPartition<BatchTopic>): Promise<bigint | undefined> {
    const known = this.#byName.get(nameOf({ topic, partition }));
    return known?.exclusive(() => known.checkClaims());
  }

  /** Drops a partition that the group has given to another process. */
  async onRevoked({ topic, partition }: TopicPartition<BatchTopic>): Promise<void> {
    const known = this.#byName.get(nameOf({ topic, partition }));
    await known?.exclusive(() => this.#drop(known));
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
