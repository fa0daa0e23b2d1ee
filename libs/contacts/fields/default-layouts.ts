import { builtInFields } from './built-in-fields.ts';
import type { FieldProperty, FieldValidation, Layout } from '../types.ts';

/** Fields of their own that the seeder gives a company, as entries of `custom_fields`. */
const customFields: readonly FieldProperty[] = [
  custom('loyalty_tier', 'Loyalty tier', 'dropdown', {
    options: [
      { key: 'silver', label: 'Silver' },
      { key: 'gold', label: 'Gold ⭐' },
      { key: 'platinum', label: 'Platinum' },
    ],
  }),
  custom('annual_budget', 'Annual budget', 'number', { number: { number_type: 'currency' } }),
  custom('contract_start', 'Contract start', 'date'),
  custom('next_meeting_at', 'Next meeting at', 'datetime'),
  custom('employee_count', 'Employees', 'number', { number: { number_type: 'number' } }),
  custom('national_id', 'National ID', 'text'),
  custom('interests', 'Interests', 'multiple_select', {
    options: [
      { key: 'coffee', label: 'Coffee' },
      { key: 'batik', label: 'Batik' },
      { key: 'travel', label: 'Travel' },
    ],
  }),
  custom('consent_given', 'Consent given', 'checkbox'),
  // A type that the formatting table does not know: the text of its JSON is exported.
  custom('preferences', 'Preferences', 'object'),
];

/** The default layout leaves out the last one, and so has 30 fields: 26 of its own and 4 custom ones. */
const defaultCustom = ['loyalty_tier', 'annual_budget', 'contract_start', 'national_id'];

function custom(
  name: string,
  alias: string,
  fieldType: string,
  validation: FieldValidation = {},
): FieldProperty {
  return {
    name,
    name_alias: alias,
    field_type: fieldType,
    is_hidden: false,
    is_default: false,
    type: 'contact',
    validation,
  };
}

/** What a company has before it changes anything, in order. */
export function defaultProperties(): readonly FieldProperty[] {
  const builtIn = builtInFields.map((field): FieldProperty => ({
    name: field.name,
    name_alias: field.header.en,
    field_type: field.fieldType,
    is_hidden: field.hidden ?? false,
    is_default: true,
    type: field.fieldType === 'association' ? 'association' : 'contact',
    validation: field.validation ?? {},
  }));
  return [...builtIn, ...customFields];
}

export function defaultLayouts(): readonly Layout[] {
  const shown = builtInFields.filter((field) => !field.hidden).map((field) => field.name);
  return [
    { id: 'default', name: 'Default view', is_default: true, fields: [...shown, ...defaultCustom] },
    {
      id: 'sales',
      name: 'Sales',
      is_default: false,
      // A hidden field is exported only with a layout that has it.
      fields: [
        'id',
        'first_name',
        'last_name',
        'owner',
        'deals',
        'lifetime_value',
        'risk_score',
        'next_meeting_at',
      ],
    },
  ];
}
