import type { Measurement, Task } from './contenders.ts';
import { measure, median } from './measure.ts';

/** A task and what it measured, one measurement per round. */
export interface Series {
  readonly task: Task;
  readonly measurements: readonly Measurement[];
}

/**
 * Runs all tasks once per round, in turn, so that a busy moment of the machine meets all of them. A first round with few
 * rows fills the compile cache and is thrown away.
 */
export async function interleave(tasks: readonly Task[], rounds: number): Promise<readonly Series[]> {
  for (const task of tasks) await measure({ ...task, rows: 100 });
  const series = tasks.map((task) => ({ task, measurements: [] as Measurement[] }));
  for (let round = 1; round <= rounds; round++) {
    console.error(`round ${round} of ${rounds}`);
    for (const { task, measurements } of series) measurements.push(await measure(task));
  }
  return series;
}

/** The median over the rounds of ours divided by theirs in the same round. */
export function pairedRatio(ours: Series, theirs: Series, of: (sample: Measurement) => number): number {
  return median(
    ours.measurements.map((sample, round) => {
      const other = theirs.measurements[round];
      return other === undefined ? NaN : of(sample) / of(other);
    }),
  );
}

/** The median of one measure of a series. */
export function typical(series: Series, of: (sample: Measurement) => number): number {
  return median(series.measurements.map(of));
}
