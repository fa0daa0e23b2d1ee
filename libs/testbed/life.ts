import type { StopKind } from './types.ts';

/** One life of a server, from a start to its end: a process, or a container that runs. */
export interface Life {
  /** Process id or container id. */
  readonly id: string;
  /** Resolves when it has ended, for whatever reason. */
  readonly gone: Promise<void>;
  /** Resolves when it has ended. */
  readonly stop: (kind: StopKind) => Promise<void>;
  readonly signal: (signal: NodeJS.Signals) => Promise<void>;
}

/** What a way of running servers has to give for each of them. */
export interface Habitat {
  /** Begins a life: the server is starting when this resolves, and need not answer yet. */
  readonly begin: () => Promise<Life>;
  readonly logTail: () => Promise<string>;
  /** Removes what it left behind, once it is stopped for good. */
  readonly remove: () => Promise<void>;
}
