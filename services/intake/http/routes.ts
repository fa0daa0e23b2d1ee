import { erasureHandler, type ErasureRouteParts } from '@waybill/erasure';
import { authenticate, type Authenticator } from '@waybill/auth';
import { createRouter, type HttpRouter } from '@waybill/http';
import { addContactRoute, type ContactRouteDeps } from './contacts.ts';
import { addEventRoute, type EventRouteDeps } from './events.ts';
import { addExportRoutes, type ExportRouteDeps } from './export.ts';
import { addFieldRoutes } from './fields.ts';
import { addJobRoutes, type JobRouteDeps } from './jobs.ts';
import { basePath, openApiDocument } from './openapi.ts';
import { documentPage } from './page.ts';
import { addPresetRoutes, type PresetRouteDeps } from './presets.ts';

export interface RouteDeps
  extends
    ExportRouteDeps,
    JobRouteDeps,
    EventRouteDeps,
    ContactRouteDeps,
    PresetRouteDeps,
    ErasureRouteParts {
  readonly authenticator: Authenticator;
  /** Throws `SERVICE_UNAVAILABLE` until the indexes exist. */
  readonly requireReady: () => void;
}

/** Creates every route of this service. Authentication comes first. */
export function createRoutes(deps: RouteDeps): HttpRouter {
  const outer = createRouter();
  addDocumentRoutes(outer);
  const router = createRouter({ prefix: basePath });
  router.use(authenticate(deps.authenticator));
  router.use((_ctx, next) => {
    deps.requireReady();
    return next();
  });
  addExportRoutes(router, deps);
  addPresetRoutes(router, deps);
  addEventRoute(router, deps);
  addJobRoutes(router, deps);
  router.post('/export/erasures', erasureHandler(deps));
  addFieldRoutes(router, deps.contacts);
  addContactRoute(router, deps);
  return outer.use(router.routes());
}

/** Adds GET /openapi.json and GET /docs. They need no authentication, because they contain no data of a company. */
function addDocumentRoutes(router: HttpRouter): void {
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
