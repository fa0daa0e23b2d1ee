import type { NumberType } from '@waybill/formatting';
import { z } from 'zod';
import type { FieldPropertyDocument, LayoutDocument } from '../collections.ts';
import type { FieldProperty, FieldValidation, Layout } from '../types.ts';

const numberTypes = ['number', 'currency', 'percentage'] as const satisfies readonly NumberType[];

/** A part that makes no sense is left out: the values of such a field are then written as they are. */
const validationSchema = z.object({
  number: z
    .object({ number_type: z.enum(numberTypes), currency_code: z.string().optional().catch(undefined) })
    .optional()
    .catch(undefined),
  options: z
    .array(z.object({ key: z.string(), label: z.string() }))
    .optional()
    .catch(undefined),
});

const propertySchema = z.object({
  name: z.string().min(1),
  name_alias: z.string().catch(''),
  field_type: z.string().catch('text'),
  is_hidden: z.boolean().catch(false),
  is_default: z.boolean().catch(false),
  type: z.enum(['contact', 'association']).catch('contact'),
  validation: validationSchema.catch({ number: undefined, options: undefined }),
});

/** The field that a document describes, or undefined where it does not even name one. */
export function readFieldProperty(document: FieldPropertyDocument): FieldProperty | undefined {
  const read = propertySchema.safeParse(document);
  if (!read.success) return undefined;
  return { ...read.data, validation: readValidation(read.data.validation) };
}

function readValidation({ number, options }: z.output<typeof validationSchema>): FieldValidation {
  return {
    ...(number === undefined
      ? {}
      : {
          number: {
            number_type: number.number_type,
            ...(number.currency_code === undefined ? {} : { currency_code: number.currency_code }),
          },
        }),
    ...(options === undefined ? {} : { options }),
  };
}

const layoutSchema = z.object({
  layout_id: z.string().min(1),
  name: z.string().catch(''),
  is_default: z.boolean().catch(false),
  fields: z.array(z.string()),
});

/** The layout that a document describes, or undefined where it says no fields. */
export function readLayout(document: LayoutDocument): Layout | undefined {
  const read = layoutSchema.safeParse(document);
  if (!read.success) return undefined;
  const { layout_id: id, name, is_default, fields } = read.data;
  return { id, name: name === '' ? id : name, is_default, fields };
}
