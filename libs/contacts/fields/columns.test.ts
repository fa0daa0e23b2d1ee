import { describe, expect, it } from 'vitest';
import { builtInFields } from './built-in-fields.ts';
import { exportColumns } from './columns.ts';
import { defaultLayouts, defaultProperties } from './default-layouts.ts';

const properties = defaultProperties();

describe('exportColumns', () => {
  it('keeps the order of the names, and each name once', () => {
    const columns = exportColumns(properties, ['city', 'id', 'city'], 'en');
    expect(columns.map(({ name }) => name)).toEqual(['city', 'id']);
  });

  it('writes the headers of built-in fields in the reader’s language, and of others as the company calls them', () => {
    const headers = (locale: 'en' | 'id') =>
      exportColumns(properties, ['first_name', 'loyalty_tier'], locale).map(({ header }) => header);
    expect(headers('en')).toEqual(['First name', 'Loyalty tier']);
    expect(headers('id')).toEqual(['Nama depan', 'Loyalty tier']);
  });

  it('keeps the name that a company gave a built-in field', () => {
    const renamed = properties.map((each) =>
      each.name === 'city' ? { ...each, name_alias: 'Kabupaten' } : each,
    );
    expect(exportColumns(renamed, ['city'], 'en')[0]?.header).toBe('Kabupaten');
  });

  it('falls back to the name where there is no alias', () => {
    const bare = properties.map((each) => ({ ...each, name_alias: '' }));
    expect(exportColumns(bare, ['city', 'loyalty_tier'], 'id').map(({ header }) => header)).toEqual([
      'Kota',
      'loyalty_tier',
    ]);
  });

  it('says where values are stored, what they are, and whose names stand for ids', () => {
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

  it('is plain JSON, so that a plan can carry it', () => {
    const columns = exportColumns(
      properties,
      properties.map(({ name }) => name),
      'en',
    );
    expect(JSON.parse(JSON.stringify(columns))).toEqual(columns);
  });

  it('refuses names that the company has no field of, all at once', () => {
    expect(() => exportColumns(properties, ['id', 'nope', 'constructor'], 'en')).toThrow(
      expect.objectContaining({ code: 'EXPORT_FIELD_UNKNOWN', params: { fields: 'nope, constructor' } }),
    );
  });
});

describe('the default view', () => {
  const [view, ...others] = defaultLayouts();
  const shown = exportColumns(properties, view?.fields ?? [], 'en');

  it('has exactly 30 fields, none of them hidden', () => {
    expect(view).toMatchObject({ name: 'Default view', is_default: true });
    expect(shown).toHaveLength(30);
    const hidden = new Set(properties.filter((each) => each.is_hidden).map(({ name }) => name));
    expect(view?.fields.filter((name) => hidden.has(name))).toEqual([]);
  });

  it('shows every type of the formatting table', () => {
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

  it('leaves fields for another layout, which has a hidden one', () => {
    expect(others).toHaveLength(1);
    expect(others[0]?.fields).toContain('risk_score');
  });
});

describe('the built-in fields', () => {
  it('have names and headers that are all different in each language', () => {
    for (const texts of [
      builtInFields.map(({ name }) => name),
      builtInFields.map(({ header }) => header.en),
      builtInFields.map(({ header }) => header.id),
    ]) {
      expect(new Set(texts).size).toBe(builtInFields.length);
    }
  });
});
