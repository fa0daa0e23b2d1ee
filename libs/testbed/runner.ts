import type { StopKind } from './types.ts';

/** One run of a server from its start to its end, as a process or a container. */
export interface ServerRun {
  /** Process id or container id. */
  readonly id: string;
  /** Resolves when the run has ended for any reason. */
  readonly ended: Promise<void>;
  /** Stops the server and resolves when the run has ended. */
  readonly stop: (kind: StopKind) => Promise<void>;
  readonly signal: (signal: NodeJS.Signals) => Promise<void>;
}

/** Runs one server, natively or in a container. */
export interface ServerRunner {
  /** Starts a run. The server may not answer yet when this resolves. */
  readonly start: () => Promise<ServerRun>;
  readonly logTail: () => Promise<string>;
  /** Removes the data of the server after its last stop. */
  readonly remove: () => Promise<void>;
}
