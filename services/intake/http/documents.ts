import type { HttpRouter } from '@waybill/http';
import { openApiDocument } from './openapi.ts';
import { documentPage } from './page.ts';

/** GET /openapi.json and, to read, GET /docs. Neither asks who you are: they say nothing of anybody. */
export function addDocumentRoutes(router: HttpRouter): void {
  const document = openApiDocument();
  const page = documentPage(document);
  router.get('/openapi.json', (ctx) => {
    ctx.body = document;
  });
  router.get('/docs', (ctx) => {
    ctx.set('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'");
    ctx.type = 'html';
    ctx.body = page;
  });
}
