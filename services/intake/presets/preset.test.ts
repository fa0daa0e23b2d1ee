import type { FieldProperty, Layout } from '@waybill/contacts';
import { companyId, userId } from '@waybill/domain';
import { describe, expect, it } from 'vitest';
import {
  changedPreset,
  configurationOf,
  etagOf,
  matches,
  missingOf,
  nameKeyOf,
  type Preset,
} from './preset.ts';
import { sampleRequest } from '../testing/sample-request.ts';

const owner = { companyId: companyId('c1'), userId: userId('u1') };
const colleague = { companyId: companyId('c1'), userId: userId('u2') };
const stranger = { companyId: companyId('c2'), userId: userId('u1') };

describe('nameKeyOf', () => {
  it('is the same only among the private presets of a person', () => {
    expect(nameKeyOf(owner, ' Weekly ', false)).toBe(nameKeyOf(owner, 'weekly', false));
    expect(nameKeyOf(owner, 'Weekly', false)).not.toBe(nameKeyOf(colleague, 'Weekly', false));
  });

  it('is the same among the shared presets of a company only', () => {
    expect(nameKeyOf(owner, 'Weekly', true)).toBe(nameKeyOf(colleague, 'WEEKLY', true));
    expect(nameKeyOf(owner, 'Weekly', true)).not.toBe(nameKeyOf(stranger, 'Weekly', true));
    expect(nameKeyOf(owner, 'Weekly', true)).not.toBe(nameKeyOf(owner, 'Weekly', false));
  });
});

describe('missingOf', () => {
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

  it('returns the fields that no longer exist', () => {
    expect(
      missingOf(
        { layout_id: 'l1', selected_fields: ['gone', 'a', 'secret'] },
        { properties, layouts: [layout] },
      ),
    ).toEqual({ missing_fields: ['gone'], missing_layout: false });
  });

  it('returns a removed layout and the hidden fields that could only be exported with it', () => {
    expect(
      missingOf({ layout_id: 'l2', selected_fields: ['a', 'secret'] }, { properties, layouts: [layout] }),
    ).toEqual({
      missing_fields: ['secret'],
      missing_layout: true,
    });
  });
});

describe('configurationOf', () => {
  it('returns the request without its selection of contacts [S07]', () => {
    const criterion = { filters: [{ field: 'city', op: 'eq' as const, value: 'Solo' }] };
    const request = sampleRequest({
      selection_mode: 'filtered',
      criterion,
      excluded_ids: ['a'],
      period: 'today',
      source: ['line'],
    });
    expect(Object.keys(configurationOf(request)).sort()).toEqual([
      'format',
      'layout_id',
      'period',
      'selected_fields',
      'source',
      'timezone',
    ]);
    expect(configurationOf(request)).toMatchObject({ period: 'today', source: ['line'] });
  });
});

describe('version of a preset', () => {
  const preset: Preset = {
    _id: 'p',
    company_id: owner.companyId,
    user_id: owner.userId,
    name: 'Weekly',
    shared: false,
    configuration: configurationOf(sampleRequest()),
    created_at: 1_000,
    updated_at: 1_000,
  };

  it('changes with each change, also within one millisecond and when the clock goes back', () => {
    const second = changedPreset(preset, { name: 'Monthly' }, 1_000);
    const third = changedPreset(second, {}, 500);
    expect(new Set([preset, second, third].map(etagOf)).size).toBe(3);
    expect(third).toMatchObject({ name: 'Monthly', created_at: 1_000 });
  });

  it('is matched by its own tag, a list with it, * and no header, and by nothing else', () => {
    const tag = etagOf(preset);
    for (const header of [tag, `"other", ${tag}`, '*', '']) {
      expect(matches(header, preset), header).toBe(true);
    }
    for (const header of ['"other"', `W/${tag}`, '1000']) expect(matches(header, preset), header).toBe(false);
  });
});
