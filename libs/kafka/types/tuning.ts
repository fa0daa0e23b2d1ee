/** Times and sizes of the port. Services use the defaults; tests shorten what they wait for. */
export interface Tuning {
  /** A send without an acknowledgement within this time rejects. */
  readonly sendTimeoutMs: number;
  /** Sends that may wait for an acknowledgement at the same time; further ones queue, within their time limit. */
  readonly maximumSendsInFlight: number;
  /** How long a stop lets running handlers continue before it aborts them. */
  readonly stopGraceMs: number;
  /** How long a stop waits for aborted handlers to settle. */
  readonly abortGraceMs: number;
  /**
   * Longest wait of the fetch loop for the handler of a batch before it pauses the partition and continues. Most batches
   * are handled within it and skip the pause, which costs up to one `fetchWaitMs`.
   */
  readonly fetchGraceMs: number;
  /** Longest time that the broker may delay an empty fetch; a resumed partition is fetched again within it. */
  readonly fetchWaitMs: number;
  /** Bytes of one partition in one fetch; a single larger message is fetched alone. */
  readonly fetchBytesPerPartition: number;
  /** A member that sends no heartbeat for this time is evicted. */
  readonly sessionTimeoutMs: number;
  /** The group waits this long for its members to join again. */
  readonly rebalanceTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  /** Time between commits of handled messages within a long batch. */
  readonly commitEveryMs: number;
  /** First and longest wait between tries of work that a partition depends on, such as reaching the registry. */
  readonly backoffFromMs: number;
  readonly backoffToMs: number;
  /** Time between measurements of consumer lag. */
  readonly lagEveryMs: number;
  readonly connectTimeoutMs: number;
  /** Limit for the registry's answer. */
  readonly registryTimeoutMs: number;
  /** Limit for the broker's answer to a send. */
  readonly produceRequestTimeoutMs: number;
  /** Limit for the broker's answer to a consumer; a join also waits for the group. */
  readonly fetchRequestTimeoutMs: number;
}

export const defaultTuning: Tuning = {
  sendTimeoutMs: 5_000,
  maximumSendsInFlight: 32,
  // 15 s + 3 s leaves 7 s of the 25 s of a service's stop to commit and to leave the group.
  stopGraceMs: 15_000,
  abortGraceMs: 3_000,
  fetchGraceMs: 200,
  fetchWaitMs: 100,
  fetchBytesPerPartition: 2 * 1_048_576,
  // After a broker's restart a member may come back under a new id; the group then waits this long for the old one.
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 60_000,
  // A joining member waits for the next heartbeat of the others; a third of kafkajs' default shortens that wait.
  heartbeatIntervalMs: 1_000,
  commitEveryMs: 1_000,
  backoffFromMs: 500,
  backoffToMs: 30_000,
  lagEveryMs: 10_000,
  connectTimeoutMs: 2_000,
  registryTimeoutMs: 3_000,
  // Shorter than a send may take, so that kafkajs ends its request soon after the caller's time-out.
  produceRequestTimeoutMs: 4_000,
  fetchRequestTimeoutMs: 15_000,
};
