import type { FieldProperty } from '@waybill/contacts';
import { describe, expect, it } from 'vitest';
import { exportableFields, fieldsOfRequest, requireFields } from './fields.ts';

function property(name: string, isHidden = false): FieldProperty {
  return {
    name,
    name_alias: name,
    field_type: 'text',
    is_hidden: isHidden,
    is_default: false,
    type: 'contact',
    validation: {},
  };
}

const properties = [property('a'), property('secret', true), property('b')];

describe('fields', () => {
  it('can be exported when they are visible or part of the layout', () => {
    const names = (fields: readonly string[]) =>
      exportableFields(properties, { fields }).map((one) => one.name);
    expect(names([])).toEqual(['a', 'b']);
    expect(names(['secret'])).toEqual(['a', 'secret', 'b']);
  });

  it('cannot be selected unless they can be exported; the error contains the path of each', () => {
    const exportable = exportableFields(properties, { fields: [] });
    const select = (...selected_fields: readonly string[]) => fieldsOfRequest({ selected_fields });
    expect(() => requireFields(select('b', 'a'), exportable)).not.toThrow();
    expect(() => requireFields(select('b', 'secret', 'gone'), exportable)).toThrow(
      expect.objectContaining({
        code: 'EXPORT_FIELD_UNKNOWN',
        params: { fields: 'secret, gone' },
        errors: [
          { path: 'selected_fields.1', message: 'secret' },
          { path: 'selected_fields.2', message: 'gone' },
        ],
      }),
    );
  });

  it('cannot be filtered or sorted by unless they can be exported, whether they are hidden or do not exist', () => {
    const criterion = {
      filters: [
        { field: 'a', op: 'eq', value: 'x' },
        { field: 'secret', op: 'exists', value: true },
      ],
      sort: { field: 'gone', direction: 'asc' },
    } as const;
    const require = (fields: readonly string[]) => () => {
      const exportable = exportableFields(properties, { fields });
      requireFields(fieldsOfRequest({ selected_fields: ['b'], criterion }), exportable);
    };
    const fault = (path: string, message: string) => ({ path, message });
    const hidden = fault('criterion.filters.1.field', 'secret');
    const missing = fault('criterion.sort.field', 'gone');
    const refused = (errors: readonly object[]) =>
      expect.objectContaining({ code: 'EXPORT_FIELD_UNKNOWN', errors }) as unknown;
    expect(require([])).toThrow(refused([hidden, missing]));
    expect(require(['secret'])).toThrow(refused([missing]));
  });
});
