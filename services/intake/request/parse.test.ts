import { ExportError, type Language } from '@waybill/errors';
import { describe, expect, it } from 'vitest';
import { exportRequestSchema } from './export-request.ts';
import { parseRequest } from './parse.ts';

const good = {
  selection_mode: 'all',
  format: 'xlsx',
  layout_id: 'default',
  selected_fields: ['first_name', 'email'],
};

function parse(body: unknown, language: Language = 'en') {
  return parseRequest(exportRequestSchema('Asia/Jakarta', language), body, language);
}

function errorFor(body: unknown, language: Language = 'en'): ExportError {
  try {
    parse(body, language);
  } catch (error) {
    if (error instanceof ExportError) return error;
    throw error;
  }
  throw new Error('The request was accepted.');
}

const pathsOf = (error: ExportError) => error.errors.map((fault) => fault.path);

describe('export request', () => {
  it('has defaults for timezone and sources', () => {
    expect(parse(good)).toEqual({ ...good, timezone: 'Asia/Jakarta', source: [], excluded_ids: [] });
  });

  it('has each excluded id once, in one order, so that the order makes no other request', () => {
    expect(parse({ ...good, excluded_ids: ['b', 'a', 'b'] }).excluded_ids).toEqual(['a', 'b']);
  });

  it('takes 1,000 excluded ids and no more', () => {
    const ids = Array.from({ length: 1_001 }, (_, index) => `id-${index}`);
    expect(parse({ ...good, excluded_ids: ids.slice(1) }).excluded_ids).toHaveLength(1_000);
    for (const excluded_ids of [ids, [''], [7], 'a']) {
      const error = errorFor({ ...good, excluded_ids });
      expect(error.code).toBe('VALIDATION_FAILED');
      expect(pathsOf(error)[0]).toMatch(/^excluded_ids/);
    }
  });

  it('keeps the CSV options as they were sent, because their defaults depend on the profile', () => {
    const csv = { profile: 'excel', bom: false };
    expect(parse({ ...good, format: 'csv', csv }).csv).toEqual(csv);
  });

  it('has defaults within the XLSX options', () => {
    const xlsx = { currency_symbol: true };
    expect(parse({ ...good, xlsx }).xlsx).toEqual({ currency_symbol: true, freeze_first_column: false });
  });

  it.each(['selection_mode', 'format', 'layout_id', 'selected_fields'])('is rejected without %s', (key) => {
    const error = errorFor({ ...good, [key]: undefined });
    expect([error.code, pathsOf(error)]).toEqual(['VALIDATION_FAILED', [key]]);
  });

  it('is rejected with an unknown key, so that a misspelt criterion does not export everything', () => {
    const error = errorFor({ ...good, criterium: {}, csv: { quote: "'" } });
    expect([error.code, pathsOf(error)]).toEqual(['VALIDATION_FAILED', ['csv.quote', 'criterium']]);
  });

  it.each([null, [], 'text', 7])('is rejected when it is %j', (body) => {
    expect(errorFor(body).code).toBe('VALIDATION_FAILED');
  });

  it('is rejected with every fault and its path', () => {
    const error = errorFor({
      ...good,
      layout_id: 7,
      csv: { delimiter: 'x', profile: 'word' },
      selected_fields: [],
    });
    expect(pathsOf(error).sort()).toEqual(['csv.delimiter', 'csv.profile', 'layout_id', 'selected_fields']);
  });
});

describe('unknown value of a field', () => {
  it.each([
    [{ selection_mode: 'some' }, 'EXPORT_SELECTION_MODE_INVALID', 'selection_mode'],
    [{ timezone: 'Asia/Nowhere' }, 'EXPORT_TIMEZONE_INVALID', 'timezone'],
    [{ source: ['line', 'fax'] }, 'EXPORT_SOURCE_INVALID', 'source.1'],
    [{ period: 'last_week' }, 'EXPORT_PERIOD_INVALID', 'period'],
    [{ start_date: '2026-02-30' }, 'EXPORT_PERIOD_INVALID', 'start_date'],
    [{ end_date: '24/11/2026' }, 'EXPORT_PERIOD_INVALID', 'end_date'],
    [{ period: 'today', start_date: '2026-11-01' }, 'EXPORT_PERIOD_INVALID', 'period'],
    [
      { selection_mode: 'first_10k_sorted', criterion: { sort: { field: 'email', direction: 'asc' } } },
      'EXPORT_SORT_NOT_ALLOWED',
      'criterion.sort',
    ],
  ] as const)('%j is rejected as %s', (part, code, path) => {
    const error = errorFor({ ...good, ...part });
    expect([error.code, pathsOf(error)]).toEqual([code, [path]]);
    expect(error.detail('en')).not.toContain('{');
  });

  it('is rejected as VALIDATION_FAILED when any value has the wrong type', () => {
    for (const part of [
      { selection_mode: 7 },
      { timezone: 7 },
      { source: 'line' },
      { start_date: 20261101 },
    ]) {
      expect(errorFor({ ...good, ...part }).code, JSON.stringify(part)).toBe('VALIDATION_FAILED');
    }
    expect(errorFor({ ...good, timezone: 'x', layout_id: 7 }).code).toBe('VALIDATION_FAILED');
  });

  it('is rejected with the first code in the order of the codes, and the paths of all faults', () => {
    const error = errorFor({ ...good, period: 'x', source: ['fax'], timezone: 'x', selection_mode: 'x' });
    expect(error.code).toBe('EXPORT_SELECTION_MODE_INVALID');
    expect(pathsOf(error).sort()).toEqual(['period', 'selection_mode', 'source.0', 'timezone']);
  });

  it.each(['Asia/Calcutta', 'asia/kolkata', 'ASIA/CALCUTTA'])(
    'is not an older name or another letter case of a timezone: %s becomes the current name',
    (timezone) => expect(parse({ ...good, timezone }).timezone).toBe('Asia/Kolkata'),
  );

  it('is rejected with a suggested timezone in both languages [R15]', () => {
    const error = errorFor({ ...good, timezone: '(GMT+07:00) Asia/Jakarta' });
    expect(error.detail('en')).toContain('Did you mean Asia/Jakarta?');
    expect(error.detail('id')).toContain('Mungkin maksud Anda Asia/Jakarta?');
  });

  it('is rejected with an Indonesian text when that language is requested', () => {
    const error = errorFor({ ...good, period: 'today', end_date: '2026-11-01' }, 'id');
    expect(error.errors[0]?.message).toContain('kirim salah satu saja');
    expect(errorFor({ ...good, layout_id: 7 }, 'id').errors[0]?.message).toEqual({
      en: 'must be a text',
      id: 'harus berupa teks',
    });
  });
});

describe('fields that contradict each other', () => {
  it.each([
    [{ selection_mode: 'ids' }, ['ids']],
    [{ ids: ['a'] }, ['ids']],
    [{ selection_mode: 'first_10k_sorted', ids: ['a'] }, ['ids']],
    [{ selection_mode: 'ids', ids: ['a'], period: 'today', source: ['line'] }, ['period', 'source']],
    [{ selection_mode: 'filtered' }, ['criterion']],
    [{ selection_mode: 'filtered', excluded_ids: ['a'] }, ['criterion']],
    [{ selection_mode: 'ids', ids: ['a'], excluded_ids: ['b'] }, ['excluded_ids']],
    [{ selected_fields: ['a', 'b', 'a'] }, ['selected_fields']],
  ] as const)('are rejected: %j', (part, paths) => {
    const error = errorFor({ ...good, ...part });
    expect([error.code, pathsOf(error)]).toEqual(['VALIDATION_FAILED', paths]);
  });

  it('are not reported for a filtered request with a source or a date', () => {
    expect(parse({ ...good, selection_mode: 'filtered', source: ['line'] }).source).toEqual(['line']);
    const criterion = { filters: [], sort: { field: 'email', direction: 'asc' } };
    expect(parse({ ...good, selection_mode: 'filtered', criterion }).criterion).toEqual(criterion);
    expect(parse({ ...good, selection_mode: 'filtered', end_date: '2026-11-01' }).end_date).toBe(
      '2026-11-01',
    );
  });
});
