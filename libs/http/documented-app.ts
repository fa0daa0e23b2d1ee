import { addRoutes, createApp, createRouter, type AppOptions } from './app.ts';
import type { HttpApp, HttpRouter } from './types.ts';

/** The routes, and beside them /openapi.json, which asks nobody who they are: it says nothing of anybody. */
export function createDocumentedApp(document: object, routes: HttpRouter, options: AppOptions): HttpApp {
  const documents = createRouter();
  documents.get('/openapi.json', (ctx) => {
    ctx.body = document;
  });
  return addRoutes(addRoutes(createApp(options), documents), routes);
}
