import type { ErasureRouteParts } from '@waybill/erasure';
import { authenticate, type Authenticator } from '@waybill/auth';
import { createRouter, type HttpRouter } from '@waybill/http';
import { basePath } from './contract/openapi.ts';
import { addContactRoute, type ContactRouteParts } from './routes/contacts.ts';
import { addDocumentRoutes } from './routes/documents.ts';
import { addErasureRoute } from './routes/erasures.ts';
import { addEventRoute, type EventRouteParts } from './routes/events.ts';
import { addExportRoute, type ExportRouteParts } from './routes/export.ts';
import { addFieldRoutes } from './routes/fields.ts';
import { addJobRoutes, type JobRouteParts } from './routes/jobs.ts';
import { addOptionsRoute, type OptionsRouteParts } from './routes/options.ts';
import { addPreflightRoute, type PreflightRouteParts } from './routes/preflight.ts';
import { addPresetRoutes, type PresetRouteParts } from './routes/presets.ts';
import { addRetryRoute, type RetryRouteParts } from './routes/retry.ts';

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
