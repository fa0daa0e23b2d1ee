export { addRoutes, createApp, createRouter, type AppOptions } from './app.ts';
export { decodeCursor, encodeCursor, type Cursor } from './cursor.ts';
export { documentedRoutes } from './documented-routes.ts';
export { eventStream, lastEventId, type EventStreamOptions, type StreamEvent } from './event-stream.ts';
export { readJsonBody } from './json-body.ts';
export { listen, type HttpServer, type ListenOptions } from './listen.ts';
export {
  openApiDocument,
  type ApiDescription,
  type ApiHeader,
  type ApiOperation,
  type OpenApiDocument,
} from './openapi.ts';
export { parseWith, type ParseOptions, type SchemaFault } from './parse-with.ts';
export type { Problem } from './problem.ts';
export { languageOf } from './problems.ts';
export type { HttpApp, HttpContext, HttpRouter, HttpState } from './types.ts';
