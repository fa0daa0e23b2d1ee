import { parseCriterion, type ContactQuery } from '@waybill/contacts';
import { ExportError } from '@waybill/errors';
import { limits, type CompanyId, type SelectionMode } from '@waybill/domain';
import type { ExportBody } from './export-request.ts';
import { resolvePeriod } from './period.ts';

/** Which contacts a request means, with its period resolved to instants. */
export interface Selection {
  readonly mode: SelectionMode;
  /** Mode ids only: in the order given, each once. */
  readonly ids: readonly string[];
  /** How many ids were given a second time. */
  readonly duplicates: number;
  /** The other modes. */
  readonly query: ContactQuery;
}

/** @throws ExportError `EXPORT_PERIOD_INVALID` when the days end before they start. */
export function selectionOf(body: ExportBody, companyId: CompanyId, now: number): Selection {
  const given = body.ids ?? [];
  const ids = [...new Set(given)];
  return {
    mode: body.selection_mode,
    ids,
    duplicates: given.length - ids.length,
    query: {
      companyId,
      ...(body.criterion === undefined ? {} : { criterion: parseCriterion(body.criterion) }),
      ...(body.source.length === 0 ? {} : { sources: body.source }),
      ...resolvePeriod(body, body.timezone, now),
    },
  };
}

/** The most contacts that one job of this mode may hold; a company's cap never raises the modes with a fixed size. */
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

/** What the count said; `late` when its time ran out before it had an answer. */
export interface Counted {
  readonly total: number;
  readonly late: boolean;
}

/** How large the job is. */
export interface SetSize {
  /** Undefined when the count came late: the resolver then enforces the cap. */
  readonly total: number | undefined;
  readonly cap: number;
  readonly lane: 'standard' | 'bulk';
}

/**
 * Whether a selection of that size is accepted, and in which lane. A late count goes to the bulk lane: the set is at
 * least too large to be counted quickly.
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
