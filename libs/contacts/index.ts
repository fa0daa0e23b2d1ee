export { builtInField } from './fields/built-in-fields.ts';
export { inParallel } from './rows/chunks.ts';
export {
  contactIndexes,
  crmCollections,
  scopedId,
  type CrmCollections,
  type NamedDocument,
} from './collections.ts';
export { exportColumns } from './fields/columns.ts';
export { criterionSchema, parseCriterion } from './query/criterion.ts';
export { defaultLayouts, defaultProperties } from './fields/default-layouts.ts';
export { placeOf } from './fields/field-place.ts';
export { findByIds } from './rows/find-by-ids.ts';
export { createMembers, createPermissions, type Members } from './memberships.ts';
export { alertThreshold } from './tenant.ts';
export { createRowReader } from './rows/row-values.ts';
export { createContactSource } from './source.ts';
export { cursor } from './types.ts';
export type {
  ColumnSource,
  ContactCount,
  ContactDocument,
  ContactPage,
  ContactQuery,
  ContactSource,
  CountOptions,
  Criterion,
  CriterionFilter,
  CriterionSort,
  Cursor,
  CustomField,
  ExportColumn,
  FieldProperty,
  FieldValidation,
  IdPage,
  Layout,
  ListedContact,
  Membership,
  PageOptions,
  Permissions,
  ReferenceKind,
  Row,
  Tenant,
} from './types.ts';
