import { describe, expect, it } from 'vitest';
import { builtInFields } from './built-in-fields.ts';
import { exportColumns } from './columns.ts';
import { defaultLayouts, defaultProperties } from '@waybill/fixtures';

const properties = defaultProperties();

describe('exportColumns', () => {
  it('exportColumns keeps the order of the names and removes repeated ones', () => {
    const columns = exportColumns(properties, ['city', 'id', 'city'], 'en');
    expect(columns.map(({ name }) => name)).toEqual(['city', 'id']);
  });

  it("exportColumns translates the headers of built-in fields and keeps the company's names of all others", () => {
    const headers = (locale: 'en' | 'id') =>
      exportColumns(properties, ['first_name', 'loyalty_tier'], locale).map(({ header }) => header);
    expect(headers('en')).toEqual(['First name', 'Loyalty tier']);
    expect(headers('id')).toEqual(['Nama depan', 'Loyalty tier']);
  });

  it('exportColumns keeps the name that a company gave a built-in field', () => {
    const renamed = properties.map((each) =>
      each.name === 'city' ? { ...each, name_alias: 'Kabupaten' } : each,
    );
    expect(exportColumns(renamed, ['city'], 'en')[0]?.header).toBe('Kabupaten');
  });

  it('exportColumns uses the name of a field without an alias', () => {
    const bare = properties.map((each) => ({ ...each, name_alias: '' }));
    expect(exportColumns(bare, ['city', 'loyalty_tier'], 'id').map(({ header }) => header)).toEqual([
      'Kota',
      'loyalty_tier',
    ]);
  });

  it('exportColumns returns where each value is stored, its type, and which records name its ids', () => {
    const columns = exportColumns(
      properties,
      ['id', 'owner', 'companies', 'lifetime_value', 'annual_budget', 'source'],
      'en',
    );
    expect(columns).toMatchObject([
      { fieldType: 'id', source: { kind: 'property', path: '_id' } },
      { fieldType: 'owner', source: { kind: 'property', path: 'owner_id' }, reference: 'owners' },
      {
        fieldType: 'association',
        source: { kind: 'property', path: 'associated_company_ids' },
        reference: 'companies',
      },
      { fieldType: 'number', numberType: 'currency', currencyCode: 'IDR' },
      { numberType: 'currency', source: { kind: 'custom', key: 'annual_budget' } },
      { fieldType: 'dropdown' },
    ]);
    expect(columns[5]?.options?.[0]).toEqual({ key: 'whatsapp', label: 'WhatsApp' });
  });

  it('exportColumns returns plain JSON, so that a plan can carry it', () => {
    const columns = exportColumns(
      properties,
      properties.map(({ name }) => name),
      'en',
    );
    expect(JSON.parse(JSON.stringify(columns))).toEqual(columns);
  });

  it('exportColumns throws EXPORT_FIELD_UNKNOWN with every name that the company has no field of', () => {
    expect(() => exportColumns(properties, ['id', 'nope', 'constructor'], 'en')).toThrow(
      expect.objectContaining({ code: 'EXPORT_FIELD_UNKNOWN', params: { fields: 'nope, constructor' } }),
    );
  });
});

describe('the default view', () => {
  const [view, ...others] = defaultLayouts();
  const shown = exportColumns(properties, view?.fields ?? [], 'en');

  it('the default view has exactly 30 fields, none of them hidden', () => {
    expect(view).toMatchObject({ name: 'Default view', is_default: true });
    expect(shown).toHaveLength(30);
    const hidden = new Set(properties.filter((each) => each.is_hidden).map(({ name }) => name));
    expect(view?.fields.filter((name) => hidden.has(name))).toEqual([]);
  });

  it('the default view has every type of the formatting table', () => {
    const types = new Set(shown.map(({ fieldType, numberType }) => numberType ?? fieldType));
    expect([...types].sort()).toEqual(
      [
        'association',
        'checkbox',
        'currency',
        'date',
        'datetime',
        'dropdown',
        'email',
        'id',
        'multiple_select',
        'number',
      ]
        .concat(['owner', 'percentage', 'phone', 'text', 'text_area', 'url'])
        .sort(),
    );
  });

  it('the other layout has fields that the default view lacks, one of them hidden', () => {
    expect(others).toHaveLength(1);
    expect(others[0]?.fields).toContain('risk_score');
  });
});

describe('the built-in fields', () => {
  it('the built-in fields have different names and headers in each language', () => {
    for (const texts of [
      builtInFields.map(({ name }) => name),
      builtInFields.map(({ header }) => header.en),
      builtInFields.map(({ header }) => header.id),
    ]) {
      expect(new Set(texts).size).toBe(builtInFields.length);
    }
  });
});
