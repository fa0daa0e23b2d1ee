import type { FieldFault } from '@waybill/errors';
import { ObjectId } from 'mongodb';
import { z } from 'zod';

/** `$` and `.` mean something to MongoDB, and `__proto__` to JavaScript. */
const propertyName = /^(?!__proto__$)[^$.\0][^.\0]*$/;

const idForm = z.union(
  [z.string().min(1).max(200), z.instanceof(ObjectId).transform((id) => id.toHexString())],
  {
    error: 'expected a text of 1 to 200 characters',
  },
);

const customField = z.strictObject({
  key: z.string().min(1).max(200),
  value: z.unknown().optional(),
  currency_code: z
    .string()
    .regex(/^[A-Z]{3}$/, { error: 'expected three capital letters (ISO 4217)' })
    .nullish(),
});

/**
 * A contact as a person writes it: its id as `_id` or `id`, or none. What its fields hold is not judged, since a CRM
 * holds worse; only the form has to be right.
 */
const contactForm = z.looseObject({
  _id: idForm.optional(),
  id: idForm.optional(),
  company_id: z.string().optional(),
  custom_fields: z.array(customField).optional(),
});

export interface GivenContact {
  readonly id: string | undefined;
  readonly customFields: readonly z.output<typeof customField>[] | undefined;
  /** The other properties. */
  readonly properties: ReadonlyMap<string, unknown>;
}

export type ReadContact =
  | { readonly ok: true; readonly contact: GivenContact }
  | { readonly ok: false; readonly faults: readonly FieldFault[] };

/** Reads a contact for a company; faults name the property and what was expected. */
export function readContact(value: unknown, companyId: string): ReadContact {
  const wrong = Object.keys(value ?? {}).filter((name) => !propertyName.test(name));
  if (wrong.length > 0) {
    return fault(...wrong.map((path) => ({ path, message: 'a property cannot be called that' })));
  }
  const parsed = contactForm.safeParse(value);
  if (!parsed.success) {
    return fault(
      ...parsed.error.issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message })),
    );
  }
  const { _id, id, company_id, custom_fields: customFields, ...rest } = parsed.data;
  if (_id !== undefined && id !== undefined && _id !== id) {
    return fault({ path: 'id', message: `differs from _id, which is ${_id}` });
  }
  if (company_id !== undefined && company_id !== companyId) {
    return fault({
      path: 'company_id',
      message: `is ${company_id}, but the contacts are loaded for ${companyId}`,
    });
  }
  return { ok: true, contact: { id: _id ?? id, customFields, properties: new Map(Object.entries(rest)) } };
}

function fault(...faults: readonly FieldFault[]): ReadContact {
  return { ok: false, faults };
}
