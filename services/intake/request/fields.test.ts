import type { FieldProperty } from '@waybill/contacts';
import { describe, expect, it } from 'vitest';
import { exportableFields, requireFields } from './fields.ts';

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
    expect(() => requireFields(['b', 'a'], exportable)).not.toThrow();
    expect(() => requireFields(['b', 'secret', 'gone'], exportable)).toThrow(
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
});
