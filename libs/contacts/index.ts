export { builtInField, builtInFields } from './fields/built-in-fields.ts';
export { inParallel } from './rows/chunks.ts';
export {
  contactIndexes,
  crmCollections,
  scopedId,
  type CrmCollections,
  type NamedDocument,
} from './collections.ts';
export { exportColumns, fieldLabel } from './fields/columns.ts';
export { criterionSchema, parseCriterion } from './query/criterion.ts';
export { placeOf } from './fields/field-place.ts';
export { findByIds } from './rows/find-by-ids.ts';
export { createMembers, createPermissions, type Members } from './memberships.ts';
export { alertThreshold } from './tenant.ts';
export { createRowReader } from './rows/row-values.ts';
export { createContactSource } from './source.ts';
export { cursor } from './types.ts';
export type {
  ContactDocument,
  ContactQuery,
  ContactSource,
  Criterion,
  Cursor,
  CustomField,
  ExportColumn,
  FieldProperty,
  FieldValidation,
  Layout,
  Membership,
  Permissions,
  Row,
  Tenant,
} from './types.ts';
