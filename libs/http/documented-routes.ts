import { createRouter } from './app.ts';
import { documentPage } from './document-page.ts';
import type { OpenApiDocument } from './openapi.ts';
import type { HttpRouter } from './types.ts';

/**
 * Returns the routes of a service together with /openapi.json and, for people, /docs. The two need no session: they
 * contain no personal data.
 */
export function documentedRoutes(document: OpenApiDocument, routes: HttpRouter): HttpRouter {
  const page = documentPage(document);
  const router = createRouter();
  router.get('/openapi.json', (ctx) => {
    ctx.body = document;
  });
  router.get('/docs', (ctx) => {
    ctx.set('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'");
    ctx.type = 'html';
    ctx.body = page;
  });
  return router.use(routes.routes());
}
