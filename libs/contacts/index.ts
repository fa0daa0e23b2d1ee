export { exportColumns } from './columns.ts';
export { criterionSchema, parseCriterion } from './criterion.ts';
export { contactIndexes } from './indexes.ts';
export { createMembers, type Members } from './members.ts';
export { createPermissions } from './permissions.ts';
export { seedCompany, type SeedCompanyOptions } from './seeding/company.ts';
export { parseContactLine } from './seeding/contact-line.ts';
export { readContact, type ReadContact } from './seeding/contact-form.ts';
export { seedContacts, type LoadedContacts } from './seeding/load.ts';
export { recordMember } from './seeding/member.ts';
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
