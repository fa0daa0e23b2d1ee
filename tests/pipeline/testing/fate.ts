/** What a test wants a process to do to itself, and when. */
export interface Fate {
  readonly moment: string;
  /** The moment counts when it is reached for the nth time; 1 by default. */
  readonly times?: number;
  /** SIGKILL ends the process as a power cut would; SIGSTOP pauses it until the test continues it. */
  readonly signal?: 'SIGKILL' | 'SIGSTOP';
}

export function toEnvironment({ moment, times = 1, signal = 'SIGKILL' }: Fate): Record<string, string> {
  return { TEST_MOMENT: moment, TEST_TIMES: String(times), TEST_SIGNAL: signal };
}

/** Watches the moments of a process for the one that the environment names. */
export function meetFate(environment: NodeJS.ProcessEnv): (moment: string) => void {
  const { TEST_MOMENT: wanted, TEST_TIMES: times = '1', TEST_SIGNAL: signal } = environment;
  let left = Number(times);
  return (moment) => {
    if (moment !== wanted) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, signal === 'SIGSTOP' ? 'SIGSTOP' : 'SIGKILL');
  };
}
