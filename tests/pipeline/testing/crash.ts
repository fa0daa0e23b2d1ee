/**
 * Ends the process as a power cut would, at the moment that the test names (`TEST_MOMENT`), when it is reached for the
 * nth time (`TEST_TIMES`).
 */
export function crashAt(environment: NodeJS.ProcessEnv): (moment: string) => void {
  const wanted = environment['TEST_MOMENT'];
  let left = Number(environment['TEST_TIMES'] ?? 1);
  return (moment) => {
    if (moment !== wanted) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
  };
}
