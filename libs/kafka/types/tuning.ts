/** Times and sizes of the port. Services use the defaults; tests shorten what they wait for. */
export interface Tuning {
  /** A send that has no acknowledgement by then rejects. */
  readonly sendTimeoutMs: number;
  /** Sends that may wait for an acknowledgement at once; further ones queue, within their time limit. */
  readonly maximumSendsInFlight: number;
  /** Delay of each retry topic by its name; see `retryDelays` in schemas. */
  readonly retryDelaysMs: Readonly<Record<string, number>>;
  /** How long a stop lets running handlers go on before it aborts them. */
  readonly stopGraceMs: number;
  /** How long a stop waits for aborted handlers to settle. */
  readonly abortGraceMs: number;
  /**
   * Longest that the fetch loop waits for the handler of a batch before it pauses the partition and goes on. Most
   * batches are handled within it and skip the pause, which costs up to one `fetchWaitMs`.
   */
  readonly fetchGraceMs: number;
  /** How long the broker may hold back an empty fetch; also how late a resumed partition may be fetched again. */
  readonly fetchWaitMs: number;
  /** Fetched bytes of one partition at a time; a single larger message comes alone. */
  readonly fetchBytesPerPartition: number;
  /** A member that sends no heartbeat for so long is evicted. */
  readonly sessionTimeoutMs: number;
  /** The group waits so long for its members to join again. */
  readonly rebalanceTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  /** Within a long batch, finished messages are committed this often. */
  readonly commitEveryMs: number;
  /** Waits between tries of what must succeed before a partition can go on, such as reaching the registry. */
  readonly backoffFromMs: number;
  readonly backoffToMs: number;
  /** How often consumer lag is measured. */
  readonly lagEveryMs: number;
  readonly connectTimeoutMs: number;
  /** A broker that has not answered a send by then is not waited for. */
  readonly produceRequestTimeoutMs: number;
  /** The same for consumers; a join waits for the group besides. */
  readonly fetchRequestTimeoutMs: number;
}

export const defaultTuning: Tuning = {
  sendTimeoutMs: 5_000,
  maximumSendsInFlight: 32,
  retryDelaysMs: {},
  // 15 s + 3 s leaves 7 s of the 25 s a service has to commit and to leave the group.
  stopGraceMs: 15_000,
  abortGraceMs: 3_000,
  fetchGraceMs: 200,
  fetchWaitMs: 100,
  fetchBytesPerPartition: 2 * 1_048_576,
  // After a broker's restart a member may come back under a new id; the group waits this long for the old one.
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 60_000,
  // A joining member waits for the others' next heartbeat; a third of kafkajs' default halves that wait and more.
  heartbeatIntervalMs: 1_000,
  commitEveryMs: 1_000,
  backoffFromMs: 500,
  backoffToMs: 30_000,
  lagEveryMs: 10_000,
  connectTimeoutMs: 2_000,
  // Shorter than a send may take, so that what kafkajs still tries has ended soon after its caller gave up.
  produceRequestTimeoutMs: 4_000,
  fetchRequestTimeoutMs: 15_000,
};
