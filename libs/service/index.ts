export { delayAfter, type BackOff } from './back-off.ts';
export { installFetch } from './fetch.ts';
export { keepTrying } from './keep-trying.ts';
export { createProbes, type Readiness } from './probes.ts';
export { repeat } from './repeat.ts';
export { runMain } from './run-main.ts';
export { serveHttp, type ServeHttpOptions, type ServiceServers } from './serve-http.ts';
export { repeatedWork, startService, type ServicePlan, type Work } from './start-service.ts';
export {
  createSweeper,
  UnsafeSweep,
  type Each,
  type Sweeper,
  type SweeperOptions,
  type SweepRun,
} from './sweep.ts';
export type { RunningService, ServiceContext } from './types.ts';
