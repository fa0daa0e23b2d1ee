export { addRoutes, createApp, createRouter, type AppOptions } from './app.ts';
export { readJsonBody } from './json-body.ts';
export { listen, type HttpServer, type ListenOptions } from './listen.ts';
export { openApiDocument, type ApiDescription, type ApiOperation } from './openapi.ts';
export { parseWith } from './parse-with.ts';
export type { Problem } from './problem.ts';
export { languageOf } from './problems.ts';
export type { HttpApp, HttpContext, HttpRouter, HttpState } from './types.ts';
