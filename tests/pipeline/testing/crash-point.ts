/** The step at which a process kills or pauses itself. */
export interface CrashPoint {
  readonly moment: string;
  /** The process stops when it reaches the moment for the nth time. 1 by default. */
  readonly times?: number;
  /** SIGKILL ends the process like a power failure. SIGSTOP pauses it until the test continues it. */
  readonly signal?: 'SIGKILL' | 'SIGSTOP';
}

/** Returns the environment of a process with this crash point. */
export function toEnvironment({ moment, times = 1, signal = 'SIGKILL' }: CrashPoint): Record<string, string> {
  return { TEST_MOMENT: moment, TEST_TIMES: String(times), TEST_SIGNAL: signal };
}

/** Returns a function to call at each moment. It kills or pauses the process at the crash point in the environment. */
export function crashAt(environment: NodeJS.ProcessEnv): (moment: string) => void {
  const { TEST_MOMENT: wanted, TEST_TIMES: times = '1', TEST_SIGNAL: signal } = environment;
  let left = Number(times);
  return (moment) => {
    if (moment !== wanted) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, signal === 'SIGSTOP' ? 'SIGSTOP' : 'SIGKILL');
  };
}
