import type { FieldProperty, Layout } from '@waybill/contacts';
import { companyId, userId } from '@waybill/domain';
import { describe, expect, it } from 'vitest';
import { configurationOf, missingOf, nameClaim } from './preset.ts';
import { sampleBody } from '../testing/sample-body.ts';

const owner = { companyId: companyId('c1'), userId: userId('u1') };
const colleague = { companyId: companyId('c1'), userId: userId('u2') };
const stranger = { companyId: companyId('c2'), userId: userId('u1') };

describe('the name of a preset', () => {
  it('is taken only among the own private ones', () => {
    expect(nameClaim(owner, ' Weekly ', false)).toBe(nameClaim(owner, 'weekly', false));
    expect(nameClaim(owner, 'Weekly', false)).not.toBe(nameClaim(colleague, 'Weekly', false));
  });

  it('is taken among all shared ones of the company, and in no other company', () => {
    expect(nameClaim(owner, 'Weekly', true)).toBe(nameClaim(colleague, 'WEEKLY', true));
    expect(nameClaim(owner, 'Weekly', true)).not.toBe(nameClaim(stranger, 'Weekly', true));
    expect(nameClaim(owner, 'Weekly', true)).not.toBe(nameClaim(owner, 'Weekly', false));
  });
});

describe('an old configuration', () => {
  const property = (name: string, isHidden = false): FieldProperty => ({
    name,
    name_alias: name,
    field_type: 'text',
    is_hidden: isHidden,
    is_default: true,
    type: 'contact',
    validation: {},
  });
  const layout: Layout = { id: 'l1', name: 'Layout', is_default: true, fields: ['secret'] };
  const properties = [property('a'), property('secret', true)];

  it('says which of its fields no longer exist', () => {
    expect(
      missingOf(
        { layout_id: 'l1', selected_fields: ['gone', 'a', 'secret'] },
        { properties, layouts: [layout] },
      ),
    ).toEqual({ missing_fields: ['gone'], missing_layout: false });
  });

  it('says that its layout is gone, and with it the hidden fields that only the layout showed', () => {
    expect(
      missingOf({ layout_id: 'l2', selected_fields: ['a', 'secret'] }, { properties, layouts: [layout] }),
    ).toEqual({
      missing_fields: ['secret'],
      missing_layout: true,
    });
  });
});

describe('the last configuration', () => {
  it('is the request without the contacts that it was about', () => {
    const criterion = { filters: [{ field: 'city', op: 'eq' as const, value: 'Solo' }] };
    const body = sampleBody({ selection_mode: 'filtered', criterion, period: 'today', source: ['line'] });
    expect(Object.keys(configurationOf(body)).sort()).toEqual([
      'format',
      'layout_id',
      'period',
      'selected_fields',
      'source',
      'timezone',
    ]);
    expect(configurationOf(body)).toMatchObject({ period: 'today', source: ['line'] });
  });
});
