import { parseCriterion, type ContactQuery } from '@waybill/contacts';
import { ExportError } from '@waybill/errors';
import { limits, type CompanyId, type SelectionMode } from '@waybill/domain';
import type { ExportRequest } from './export-request.ts';
import { resolvePeriod } from './period.ts';

/** The contacts that a request selects, with its period resolved to instants. */
export interface Selection {
  readonly mode: SelectionMode;
  /** Used only in mode ids: in the order of the request, each once. */
  readonly ids: readonly string[];
  /** Number of ids that were sent more than once. */
  readonly duplicates: number;
  /** Contacts that are taken out, each once; empty in mode ids. */
  readonly excludedIds: readonly string[];
  /** Used in the other modes. */
  readonly query: ContactQuery;
}

/**
 * Returns the selection of a request.
 * @throws ExportError `EXPORT_PERIOD_INVALID` when the end date is before the start date.
 */
export function selectionOf(request: ExportRequest, companyId: CompanyId, now: number): Selection {
  const given = request.ids ?? [];
  const ids = [...new Set(given)];
  return {
    mode: request.selection_mode,
    ids,
    duplicates: given.length - ids.length,
    excludedIds: request.excluded_ids,
    query: {
      companyId,
      ...(request.criterion === undefined ? {} : { criterion: parseCriterion(request.criterion) }),
      ...(request.source.length === 0 ? {} : { sources: request.source }),
      ...resolvePeriod(request, request.timezone, now),
    },
  };
}

/** Returns the most contacts of one job. A company's cap never raises the limit of ids and first_10k_sorted. */
export function capOf(mode: SelectionMode, companyCap: number): number {
  switch (mode) {
    case 'ids':
      return limits.maximumIds;
    case 'first_10k_sorted':
      return Math.min(limits.firstSorted, companyCap);
    case 'filtered':
    case 'all':
      return companyCap;
  }
}

/** The result of a count; `late` when its time ran out. */
export interface Counted {
  readonly total: number;
  readonly late: boolean;
}

/** The size of a job. */
export interface SetSize {
  /** Undefined when the count was late: the resolver enforces the cap then. */
  readonly total: number | undefined;
  readonly cap: number;
  readonly lane: 'standard' | 'bulk';
}

/**
 * Decides whether a selection of this size is accepted, and in which lane. A late count goes to the bulk lane, because
 * the selection is too large to be counted quickly.
 * @throws ExportError `EXPORT_SELECTION_EMPTY`, `EXPORT_LIMIT_EXCEEDED` (with total and cap)
 */
export function decideSize(mode: SelectionMode, counted: Counted, cap: number): SetSize {
  if (counted.late) return { total: undefined, cap, lane: 'bulk' };
  if (counted.total === 0) throw new ExportError('EXPORT_SELECTION_EMPTY');
  if (counted.total > cap && mode !== 'first_10k_sorted') {
    throw new ExportError('EXPORT_LIMIT_EXCEEDED', { params: { total: counted.total, cap } });
  }
  const total = Math.min(counted.total, cap);
  return { total, cap, lane: total > limits.bulkRows ? 'bulk' : 'standard' };
}
