export { addRoutes, createApp, createRouter } from './app.ts';
export { decodeCursor, encodeCursor, positionOf, type Cursor } from './cursor.ts';
export { documentedRoutes } from './documented-routes.ts';
export {
  createStreamLimit,
  eventStream,
  lastEventId,
  type StreamEvent,
  type StreamLimit,
} from './event-stream.ts';
export { readJsonBody } from './json-body.ts';
export { listen, type HttpServer } from './listen.ts';
export {
  openApiDocument,
  type ApiAnswerHeader,
  type ApiHeader,
  type ApiOperation,
  type OpenApiDocument,
} from './openapi.ts';
export { parseWith, type ParseOptions, type SchemaFault } from './parse-with.ts';
export type { Problem } from './problem.ts';
export { languageOf } from './problems.ts';
export {
  cursorPagination,
  cursorPaginationSchema,
  failureSchema,
  failureView,
  fileSchema,
  pageQuery,
  timezoneSchema,
  type FailureView,
  type FileView,
} from './shapes.ts';
export type { HttpApp, HttpContext, HttpRouter } from './types.ts';
