import type { ErasureRouteParts } from '@waybill/erasure';
import { authenticate, type Authenticator } from '@waybill/auth';
import { createRouter, type HttpRouter } from '@waybill/http';
import { basePath } from './openapi.ts';
import { addContactRoute, type ContactRouteParts } from './contacts.ts';
import { addDocumentRoutes } from './documents.ts';
import { addErasureRoute } from './erasures.ts';
import { addEventRoute, type EventRouteParts } from './events.ts';
import { addExportRoute, type ExportRouteParts } from './export.ts';
import { addFieldRoutes } from './fields.ts';
import { addJobRoutes, type JobRouteParts } from './jobs.ts';
import { addOptionsRoute, type OptionsRouteParts } from './options.ts';
import { addPreflightRoute, type PreflightRouteParts } from './preflight.ts';
import { addPresetRoutes, type PresetRouteParts } from './presets.ts';
import { addRetryRoute, type RetryRouteParts } from './retry.ts';

export interface RouteParts
  extends
    ExportRouteParts,
    JobRouteParts,
    RetryRouteParts,
    EventRouteParts,
    PreflightRouteParts,
    ContactRouteParts,
    PresetRouteParts,
    OptionsRouteParts,
    ErasureRouteParts {
  readonly authenticator: Authenticator;
}

/** Every address of this service. Who asks is checked first, before anything else is looked at. */
export function createRoutes(parts: RouteParts): HttpRouter {
  const outer = createRouter();
  addDocumentRoutes(outer);
  const router = createRouter({ prefix: basePath });
  router.use(authenticate(parts.authenticator));
  addExportRoute(router, parts);
  addPreflightRoute(router, parts);
  addPresetRoutes(router, parts);
  addOptionsRoute(router, parts);
  addEventRoute(router, parts);
  addJobRoutes(router, parts);
  addRetryRoute(router, parts);
  addErasureRoute(router, parts);
  addFieldRoutes(router, parts.contacts);
  addContactRoute(router, parts);
  return outer.use(router.routes());
}
