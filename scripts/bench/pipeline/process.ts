/** Runs one contender as a separate process: once for each key that it receives. Answers with the measurement. */
import { performance } from 'node:perf_hooks';
import type { Course } from './contender.ts';
import { monolith } from './monolith.ts';
import { reading } from './monolith.ts';
import type { ContenderName } from './runner.ts';
import { straightLine } from './straight-line.ts';

const contenders = { 'straight-line': straightLine, monolith, reading };

const name = process.argv[2] as ContenderName; // by runner.ts
const course = JSON.parse(process.argv[3] ?? '') as Course; // written by pipeline.ts
const prepared = await contenders[name](course);

process.on('message', (key: string) => {
  const started = performance.now();
  void prepared
    .run(key)
    .then(({ rows, bytes }) => process.send?.({ rows, bytes, ms: performance.now() - started }));
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
