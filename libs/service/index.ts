export { delayAfter, type BackOff } from './back-off.ts';
export { installFetch } from './fetch.ts';
export { keepTrying, type KeepTryingOptions } from './keep-trying.ts';
export { createProbes, type Check, type Probes, type ProbesOptions, type Readiness } from './probes.ts';
export { repeat, type Repeating, type RepeatOptions } from './repeat.ts';
export { runMain, type MainOptions } from './run-main.ts';
export { serveHttp, type ServeHttpOptions } from './serve-http.ts';
export { repeatedWork, startService, type ServicePlan, type Work } from './start-service.ts';
export type { RunningService, ServiceContext } from './types.ts';
