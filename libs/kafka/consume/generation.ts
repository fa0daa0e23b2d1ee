import { setMaxListeners } from 'node:events';
import { partitionKey } from '../broker/broker-admin.ts';
import type { PartitionPosition } from './partition-position.ts';
import type { Waiting } from './waiting.ts';

/** One partition that this member holds in one generation. */
export interface HeldPartition {
  /** With the prefix. */
  readonly topic: string;
  readonly partition: number;
  /** Undefined until the start offset of this generation is known; the handler receives no message before. */
  position: PartitionPosition | undefined;
  /** The position in the generation before, so that lag can be measured until this one has a position. */
  lastNext: bigint | undefined;
  /** The run over the current batch; a partition has one at a time. */
  run: Promise<void> | undefined;
  /** The offset that was last committed, or the group's at the join. */
  committed: bigint | undefined;
  /** Timestamp of the current message, in ms since the epoch. */
  headTimestamp: number | undefined;
  /** Set while the partition waits for a server that is away. */
  waiting: Waiting | undefined;
}

/**
 * The partitions that this member holds between two joins. It ends with the next join or when the connection is lost.
 * Later outcomes of its handlers are discarded, since another member may have the partitions by then.
 */
export class Generation {
  readonly partitions: ReadonlyMap<string, HeldPartition>;
  readonly #stopping = new AbortController();
  readonly #work = new Set<AbortController>();
  #ended = false;

  constructor(assignment: Readonly<Record<string, readonly number[]>>) {
    const held = Object.entries(assignment).flatMap(([topic, partitions]) =>
      partitions.map((partition) => newPartition(topic, partition)),
    );
    this.partitions = new Map(held.map((one) => [partitionKey(one.topic, one.partition), one]));
    // Every partition may wait on it at the same time, so many listeners are not a leak.
    setMaxListeners(0, this.#stopping.signal);
  }

  find(topic: string, partition: number): HeldPartition | undefined {
    return this.partitions.get(partitionKey(topic, partition));
  }

  /** Whether its partitions may belong to another member. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Aborted when no further message may be taken; it also ends the waits between tries. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Starts the work of one handler and returns the controller of its signal, for `endWork`. */
  startWork(): AbortController {
    const controller = new AbortController();
    if (this.#ended) controller.abort();
    this.#work.add(controller);
    return controller;
  }

  endWork(controller: AbortController): void {
    this.#work.delete(controller);
  }

  /** Takes no more messages; running handlers continue. */
  stop(): void {
    this.#stopping.abort();
  }

  /** Aborts running handlers; work that they finish still counts. */
  abortWork(): void {
    this.#stopping.abort();
    for (const controller of this.#work) controller.abort();
  }

  /** Ends the generation: its partitions are lost. */
  end(): void {
    this.#ended = true;
    this.abortWork();
  }
}

function newPartition(topic: string, partition: number): HeldPartition {
  return {
    topic,
    partition,
    position: undefined,
    lastNext: undefined,
    run: undefined,
    committed: undefined,
    headTimestamp: undefined,
    waiting: undefined,
  };
}
