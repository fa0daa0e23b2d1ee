import type { ContactQuery, Criterion } from '@waybill/contacts';
import { ExportError } from '@waybill/errors';
import type { ExportRequested } from '@waybill/schemas';
import { companyId, limits, sources, type Source } from '@waybill/domain';

/** Contacts of a request, in order. */
export type Selection =
  | { readonly kind: 'ids'; readonly ids: readonly string[] }
  | {
      readonly kind: 'query';
      readonly query: ContactQuery;
      /** Ids to freeze at most: one above the cap, so that a selection over the cap is noticed. */
      readonly limit: number;
      /** A larger selection fails. Absent if the mode itself cuts the list. */
      readonly cap?: number;
    };

/**
 * Returns the selection of a request. The criterion applies in every mode except `ids`, where the list is the selection.
 * @throws ExportError EXPORT_SOURCE_INVALID for an unknown source: ignoring it would widen the selection
 */
export function selectionOf(request: ExportRequested, criterion: Criterion | undefined): Selection {
  const { spec } = request;
  if (spec.selection_mode === 'ids') return { kind: 'ids', ids: request.ids };
  const query: ContactQuery = {
    companyId: companyId(request.company_id),
    ...(criterion === undefined ? {} : { criterion }),
    ...(spec.sources.length === 0 ? {} : { sources: spec.sources.map(knownSource) }),
    ...(request.created_from === null ? {} : { createdFrom: request.created_from }),
    ...(request.created_before === null ? {} : { createdBefore: request.created_before }),
  };
  if (spec.selection_mode === 'first_10k_sorted') {
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
