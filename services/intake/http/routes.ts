import { erasureHandler, type ErasureRouteDeps } from '@waybill/erasure';
import { authenticate, type Authenticator } from '@waybill/auth';
import { createRouter, type HttpRouter } from '@waybill/http';
import { addContactRoute, type ContactRouteDeps } from './contacts.ts';
import { addEventRoute, type EventRouteDeps } from './events.ts';
import { addExportRoutes, type ExportRouteDeps } from './export.ts';
import { addFieldRoutes } from './fields.ts';
import { addJobRoutes, type JobRouteDeps } from './jobs.ts';
import { basePath } from './operations.ts';
import { addPresetRoutes, type PresetRouteDeps } from './presets.ts';

export interface RouteDeps
  extends ExportRouteDeps, JobRouteDeps, EventRouteDeps, ContactRouteDeps, PresetRouteDeps, ErasureRouteDeps {
  readonly authenticator: Authenticator;
}

/** Creates every route of this service. Each request is authenticated first. */
export function createRoutes(deps: RouteDeps): HttpRouter {
  const router = createRouter({ prefix: basePath });
  router.use(authenticate(deps.authenticator));
  addExportRoutes(router, deps);
  addPresetRoutes(router, deps);
  addEventRoute(router, deps);
  addJobRoutes(router, deps);
  router.post('/export/erasures', erasureHandler(deps));
  addFieldRoutes(router, deps.contacts);
  addContactRoute(router, deps);
  return router;
}
