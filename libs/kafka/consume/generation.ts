import { setMaxListeners } from 'node:events';
import type { Standing } from './partition-position.ts';

/** One partition that this member holds in one generation. */
export interface HeldPartition {
  /** With the prefix. */
  readonly topic: string;
  readonly partition: number;
  /** Undefined until the first position of this generation is known; nothing is delivered before. */
  standing: Standing | undefined;
  /** The run over the batch in hand; a partition has one at a time. */
  run: Promise<void> | undefined;
  /** The offset that the group was last told, or had at the join. */
  committed: bigint | undefined;
  /** Timestamp of the message in hand, in ms since the epoch. */
  headTimestamp: number | undefined;
}

/** One string for a partition, as a key of maps. */
export function partitionKey(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}

/**
 * What this member holds between two joins. When the next join comes, or the connection is lost, it is over: what its
 * handlers still decide is discarded, since another member may have the partitions by then.
 */
export class Generation {
  readonly partitions: ReadonlyMap<string, HeldPartition>;
  readonly #taking = new AbortController();
  readonly #work = new Set<AbortController>();
  #over = false;

  constructor(assignment: Readonly<Record<string, readonly number[]>>) {
    const held = Object.entries(assignment).flatMap(([topic, partitions]) =>
      partitions.map((partition) => newPartition(topic, partition)),
    );
    this.partitions = new Map(held.map((one) => [partitionKey(one.topic, one.partition), one]));
    // Every partition may wait on it at once: that is no leak.
    setMaxListeners(0, this.#taking.signal);
  }

  find(topic: string, partition: number): HeldPartition | undefined {
    return this.partitions.get(partitionKey(topic, partition));
  }

  /** Whether its partitions may be another member's by now. */
  get over(): boolean {
    return this.#over;
  }

  /** Aborted when no further message may be taken; waits between tries end with it. */
  get taking(): AbortSignal {
    return this.#taking.signal;
  }

  /** Starts one handler's work: the controller of its signal. To be given back with `endWork`. */
  startWork(): AbortController {
    const controller = new AbortController();
    if (this.#over) controller.abort();
    this.#work.add(controller);
    return controller;
  }

  endWork(controller: AbortController): void {
    this.#work.delete(controller);
  }

  /** Takes no more messages; handlers go on. */
  stopTaking(): void {
    this.#taking.abort();
  }

  /** Asks running handlers to end; what they have done by then still counts. */
  abortWork(): void {
    this.#taking.abort();
    for (const controller of this.#work) controller.abort();
  }

  /** The partitions are lost. */
  end(): void {
    this.#over = true;
    this.abortWork();
  }
}

function newPartition(topic: string, partition: number): HeldPartition {
  return {
    topic,
    partition,
    standing: undefined,
    run: undefined,
    committed: undefined,
    headTimestamp: undefined,
  };
}
