import type { ContactQuery, Criterion } from '@waybill/contacts';
import { ExportError } from '@waybill/errors';
import type { ExportRequested } from '@waybill/schemas';
import { companyId, limits, sources, type Source } from '@waybill/domain';

/** Which contacts a request means, and in which order. */
export type Selection =
  | { readonly kind: 'ids'; readonly ids: readonly string[] }
  | {
      readonly kind: 'query';
      readonly query: ContactQuery;
      /** Freezing stops at so many ids. One above the cap, where a selection over the cap must be noticed. */
      readonly limit: number;
      /** A larger selection fails; absent where the mode itself cuts the list. */
      readonly cap?: number;
    };

/**
 * The criterion's filters hold in every mode but `ids`, where the list itself is the selection.
 * @throws ExportError EXPORT_SOURCE_INVALID for a source that this version does not know: leaving it out would widen
 * the selection.
 */
export function selectionOf(request: ExportRequested, criterion: Criterion | undefined): Selection {
  const { spec: job } = request;
  if (job.selection_mode === 'ids') return { kind: 'ids', ids: request.ids };
  const query: ContactQuery = {
    companyId: companyId(request.company_id),
    ...(criterion === undefined ? {} : { criterion }),
    ...(job.sources.length === 0 ? {} : { sources: job.sources.map(knownSource) }),
    ...(request.created_from === null ? {} : { createdFrom: request.created_from }),
    ...(request.created_before === null ? {} : { createdBefore: request.created_before }),
  };
  if (job.selection_mode === 'first_10k_sorted') {
    return { kind: 'query', query, limit: Math.min(limits.firstSorted, request.cap) };
  }
  return { kind: 'query', query, limit: request.cap + 1, cap: request.cap };
}

function knownSource(value: string): Source {
  const known = sources.find((source) => source.value === value);
  if (known === undefined) {
    const allowed = sources.map((source) => source.value).join(', ');
    throw new ExportError('EXPORT_SOURCE_INVALID', { params: { allowed } });
  }
  return known.value;
}
