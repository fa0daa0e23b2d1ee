import { ExportError, type Language } from '@waybill/errors';
import { describe, expect, it } from 'vitest';
import { exportBodySchema } from './export-request.ts';
import { parseBody } from './parse.ts';

const good = {
  selection_mode: 'all',
  format: 'xlsx',
  layout_id: 'default',
  selected_fields: ['first_name', 'email'],
};

function parse(body: unknown, language: Language = 'en') {
  return parseBody(exportBodySchema('Asia/Jakarta', language), body, language);
}

function refusalOf(body: unknown, language: Language = 'en'): ExportError {
  try {
    parse(body, language);
  } catch (error) {
    if (error instanceof ExportError) return error;
    throw error;
  }
  throw new Error('the body was taken');
}

const pathsOf = (error: ExportError) => error.errors.map((fault) => fault.path);

describe('the body of an export', () => {
  it('gets its defaults: the timezone of the setting, all sources', () => {
    expect(parse(good)).toEqual({ ...good, timezone: 'Asia/Jakarta', source: [] });
  });

  it('gets defaults within the CSV options', () => {
    expect(parse({ ...good, format: 'csv', csv: { bom: true } }).csv).toEqual({ delimiter: ',', bom: true });
  });

  it.each(['selection_mode', 'format', 'layout_id', 'selected_fields'])('needs %s', (key) => {
    const error = refusalOf({ ...good, [key]: undefined });
    expect([error.code, pathsOf(error)]).toEqual(['VALIDATION_FAILED', [key]]);
  });

  it('is refused with a key that nobody knows: a misspelt criterion must not export everything', () => {
    const error = refusalOf({ ...good, criterium: {}, csv: { quote: "'" } });
    expect([error.code, pathsOf(error)]).toEqual(['VALIDATION_FAILED', ['csv.quote', 'criterium']]);
  });

  it.each([null, [], 'text', 7])('is no %j', (body) => {
    expect(refusalOf(body).code).toBe('VALIDATION_FAILED');
  });

  it('lists every fault at once with its path', () => {
    const error = refusalOf({ ...good, layout_id: 7, csv: { delimiter: 'x' }, selected_fields: [] });
    expect(pathsOf(error).sort()).toEqual(['csv.delimiter', 'layout_id', 'selected_fields']);
  });
});

describe('a value that has the right type and no known meaning', () => {
  it.each([
    [{ selection_mode: 'some' }, 'EXPORT_SELECTION_MODE_INVALID', 'selection_mode'],
    [{ timezone: 'Asia/Nowhere' }, 'EXPORT_TIMEZONE_INVALID', 'timezone'],
    [{ source: ['line', 'fax'] }, 'EXPORT_SOURCE_INVALID', 'source.1'],
    [{ period: 'last_week' }, 'EXPORT_PERIOD_INVALID', 'period'],
    [{ start_date: '2026-02-30' }, 'EXPORT_PERIOD_INVALID', 'start_date'],
    [{ end_date: '24/11/2026' }, 'EXPORT_PERIOD_INVALID', 'end_date'],
    [{ period: 'today', start_date: '2026-11-01' }, 'EXPORT_PERIOD_INVALID', 'period'],
  ] as const)('%j is %s', (part, code, path) => {
    const error = refusalOf({ ...good, ...part });
    expect([error.code, pathsOf(error)]).toEqual([code, [path]]);
    expect(error.detail('en')).not.toContain('{');
  });

  it('of the wrong type is VALIDATION_FAILED: shape goes before meaning', () => {
    for (const part of [
      { selection_mode: 7 },
      { timezone: 7 },
      { source: 'line' },
      { start_date: 20261101 },
    ]) {
      expect(refusalOf({ ...good, ...part }).code, JSON.stringify(part)).toBe('VALIDATION_FAILED');
    }
    expect(refusalOf({ ...good, timezone: 'x', layout_id: 7 }).code).toBe('VALIDATION_FAILED');
  });

  it('beside another is reported in the order of the list of codes, with all paths', () => {
    const error = refusalOf({ ...good, period: 'x', source: ['fax'], timezone: 'x', selection_mode: 'x' });
    expect(error.code).toBe('EXPORT_SELECTION_MODE_INVALID');
    expect(pathsOf(error).sort()).toEqual(['period', 'selection_mode', 'source.0', 'timezone']);
  });

  it('names the timezone that a label probably means, in both languages', () => {
    const error = refusalOf({ ...good, timezone: '(GMT+07:00) Asia/Jakarta' });
    expect(error.detail('en')).toContain('Did you mean Asia/Jakarta?');
    expect(error.detail('id')).toContain('Mungkin maksud Anda Asia/Jakarta?');
  });

  it('is explained in Indonesian to those who ask for it', () => {
    const error = refusalOf({ ...good, period: 'today', end_date: '2026-11-01' }, 'id');
    expect(error.errors[0]?.message).toContain('kirim salah satu saja');
    expect(refusalOf({ ...good, layout_id: 7 }, 'id').errors[0]?.message).toContain('Input tidak valid');
  });
});

describe('parts that contradict each other', () => {
  it.each([
    [{ selection_mode: 'ids' }, ['ids']],
    [{ ids: ['a'] }, ['ids']],
    [{ selection_mode: 'first_10k_sorted', ids: ['a'] }, ['ids']],
    [{ selection_mode: 'ids', ids: ['a'], period: 'today', source: ['line'] }, ['period', 'source']],
    [{ selection_mode: 'filtered' }, ['criterion']],
    [{ selected_fields: ['a', 'b', 'a'] }, ['selected_fields']],
  ] as const)('%j', (part, paths) => {
    const error = refusalOf({ ...good, ...part });
    expect([error.code, pathsOf(error)]).toEqual(['VALIDATION_FAILED', paths]);
  });

  it('leaves a filter that a source or a day narrows alone', () => {
    expect(parse({ ...good, selection_mode: 'filtered', source: ['line'] }).source).toEqual(['line']);
    expect(parse({ ...good, selection_mode: 'filtered', end_date: '2026-11-01' }).end_date).toBe(
      '2026-11-01',
    );
  });
});
