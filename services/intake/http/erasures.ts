import { erasureHandler, type ErasureRouteParts } from '@waybill/erasure';
import type { HttpRouter } from '@waybill/http';

/** POST …/export/erasures: the right to delete, as far as this service is concerned. */
export function addErasureRoute(router: HttpRouter, parts: ErasureRouteParts): void {
  router.post('/export/erasures', erasureHandler(parts));
}
