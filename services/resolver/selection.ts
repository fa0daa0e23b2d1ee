import type { ContactQuery, Criterion } from '@waybill/contacts';
import { ExportError } from '@waybill/errors';
import type { ExportRequested } from '@waybill/schemas';
import { companyId, limits, sources, type CompanyId, type Source } from '@waybill/domain';

/** Contacts of a request, in order. */
export type Selection =
  | { readonly kind: 'ids'; readonly companyId: CompanyId; readonly ids: readonly string[] }
  | {
      readonly kind: 'query';
      readonly query: ContactQuery;
      /** Contacts that are listed and left out of the frozen list. */
      readonly excluded: ReadonlySet<string>;
      /** Ids to list at most: with the excluded ones one above the cap, so that a selection over the cap is noticed. */
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
  const company = companyId(request.company_id);
  if (spec.selection_mode === 'ids') return { kind: 'ids', companyId: company, ids: request.ids };
  const query: ContactQuery = {
    companyId: company,
    ...(criterion === undefined ? {} : { criterion }),
    ...(spec.sources.length === 0 ? {} : { sources: spec.sources.map(knownSource) }),
    ...(request.created_from === null ? {} : { createdFrom: request.created_from }),
    ...(request.created_before === null ? {} : { createdBefore: request.created_before }),
  };
  const excluded = new Set(request.excluded_ids);
  if (spec.selection_mode === 'first_10k_sorted') {
    // An excluded contact takes its place: no contact that the requester has not seen follows for it.
    return { kind: 'query', query, excluded, limit: Math.min(limits.firstSorted, request.cap) };
  }
  const { cap } = request;
  return { kind: 'query', query, excluded, limit: cap + 1 + excluded.size, cap };
}

function knownSource(value: string): Source {
  const known = sources.find((source) => source.value === value);
  if (known === undefined) {
    const allowed = sources.map((source) => source.value).join(', ');
    throw new ExportError('EXPORT_SOURCE_INVALID', { params: { allowed } });
  }
  return known.value;
}
