import { createHash } from 'node:crypto';
import { ExportError, type FieldFault } from '@waybill/errors';
import { duplicateKey, ensureIndexes } from '@waybill/mongo';
import type { CompanyId } from '@waybill/domain';
import { BSON, MongoBulkWriteError, type AnyBulkWriteOperation, type Db, type WriteError } from 'mongodb';
import { crmCollections } from '../collections.ts';
import { findByIds } from '../find-by-ids.ts';
import { placeOf } from '../field-place.ts';
import { contactIndexes } from '../indexes.ts';
import { parseInstant } from '../instants.ts';
import { createContactSource } from '../source.ts';
import type { ContactDocument, CustomField, FieldProperty } from '../types.ts';
import { readContact, type GivenContact } from './contact-form.ts';
import { ensureFields } from './fields.ts';

/** Contacts of one write. */
const contactsPerWrite = 500;

export interface LoadedContacts {
  readonly written: number;
  /** Properties and custom fields that no field of the company describes: they are stored, and cannot be exported. */
  readonly undescribed: readonly string[];
}

interface Numbered {
  /** From 1. */
  readonly position: number;
  readonly document: ContactDocument;
}

/**
 * Loads contacts into a company; one that is there already is replaced. A company without fields gets the default ones.
 * Texts of datetime fields become instants where they are such; everything else is stored as it comes.
 * @throws ExportError `VALIDATION_FAILED` at the first write that has faults; each path starts with the contact's
 * position in the list, from 1. Contacts before it are stored.
 */
export async function seedContacts(
  db: Db,
  companyId: CompanyId,
  contacts: AsyncIterable<unknown>,
): Promise<LoadedContacts> {
  await ensureIndexes(db, contactIndexes);
  await ensureFields(db, companyId);
  const fields = await createContactSource(db).fieldProperties(companyId);
  const instants = instantFields(fields);
  const described = describedNames(fields);
  const undescribed = new Set<string>();
  const positions = new Map<string, number>();
  let position = 0;
  let written = 0;
  let batch: Numbered[] = [];
  let faults: FieldFault[] = [];

  const flush = async (): Promise<void> => {
    if (faults.length > 0) throw invalid(faults);
    await write(db, companyId, batch);
    written += batch.length;
    batch = [];
  };
  for await (const value of contacts) {
    position += 1;
    const read = readContact(value, companyId);
    if (!read.ok) {
      faults = [...faults, ...atPosition(position, read.faults)];
    } else {
      const id = read.contact.id ?? generatedId(companyId, position, value);
      const earlier = positions.get(id);
      if (earlier !== undefined) {
        faults = [...faults, { path: `${position}._id`, message: `is that of ${earlier}` }];
      }
      positions.set(id, position);
      namesOf(read.contact).forEach((name) => described.has(name) || undescribed.add(name));
      batch.push({ position, document: documentOf(id, companyId, read.contact, instants) });
    }
    if (position % contactsPerWrite === 0) await flush();
  }
  await flush();
  return { written, undescribed: [...undescribed].sort() };
}

/** Without an id, the same list gives the same ids, so that loading it again adds nothing. */
function generatedId(companyId: string, position: number, value: unknown): string {
  const content = BSON.EJSON.stringify([companyId, position, value]);
  return createHash('sha256').update(content).digest('hex').slice(0, 24);
}

function instantFields(fields: readonly FieldProperty[]): { has(name: string, builtIn: boolean): boolean } {
  const datetimes = fields.filter((field) => field.field_type === 'datetime');
  const keys = new Set(datetimes.map(({ name, is_default }) => `${is_default}:${name}`));
  return { has: (name, builtIn) => keys.has(`${builtIn}:${name}`) };
}

function documentOf(
  id: string,
  companyId: string,
  { properties, customFields }: GivenContact,
  instants: ReturnType<typeof instantFields>,
): ContactDocument {
  const read = (name: string, value: unknown, builtIn: boolean): unknown =>
    typeof value === 'string' && instants.has(name, builtIn) ? (parseInstant(value) ?? value) : value;
  const own = [...properties].map(([name, value]) => [name, read(name, value, true)] as const);
  const custom = customFields?.map(({ key, value, currency_code }): CustomField => ({
    key,
    value: read(key, value, false),
    ...(currency_code === undefined || currency_code === null ? {} : { currency_code }),
  }));
  return {
    ...Object.fromEntries(own),
    _id: id,
    company_id: companyId,
    ...(custom === undefined ? {} : { custom_fields: custom }),
  };
}

/** Replaces what is the company's own and inserts the rest: an id that is another company's is refused. */
async function write(db: Db, companyId: CompanyId, batch: readonly Numbered[]): Promise<void> {
  if (batch.length === 0) return;
  const { contacts } = crmCollections(db);
  const ids = batch.map(({ document }) => document._id);
  const own = await findByIds(contacts, companyId, ids, { _id: 1 });
  const known = new Set(own.map(({ _id }) => _id));
  const operations = batch.map(({ document }): AnyBulkWriteOperation<ContactDocument> => {
    const { _id, ...replacement } = document;
    return known.has(_id) ? { replaceOne: { filter: { _id }, replacement } } : { insertOne: { document } };
  });
  try {
    await contacts.bulkWrite(operations, { ordered: false });
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError)) throw error;
    const failures: readonly WriteError[] = [error.writeErrors].flat();
    if (!failures.every((failure) => failure.code === duplicateKey)) throw error;
    throw invalid(
      failures.map(({ index }) => ({
        path: `${batch[index]?.position ?? '?'}._id`,
        message: `${batch[index]?.document._id ?? '?'} is the id of another company's contact`,
      })),
    );
  }
}

function describedNames(fields: readonly FieldProperty[]): ReadonlySet<string> {
  return new Set(
    fields.map((field) => {
      if (!field.is_default) return `custom_fields.${field.name}`;
      const place = placeOf(field);
      return place?.kind === 'property' ? place.path : field.name;
    }),
  );
}

function namesOf({ properties, customFields = [] }: GivenContact): readonly string[] {
  return [...properties.keys(), ...customFields.map(({ key }) => `custom_fields.${key}`)];
}

function atPosition(position: number, faults: readonly FieldFault[]): readonly FieldFault[] {
  return faults.map(({ path, message }) => ({
    path: path === '' ? String(position) : `${position}.${path}`,
    message,
  }));
}

function invalid(errors: readonly FieldFault[]): ExportError {
  return new ExportError('VALIDATION_FAILED', { errors });
}
