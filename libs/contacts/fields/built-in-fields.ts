import type { FieldType } from '@waybill/formatting';
import { sources, type Locale } from '@waybill/domain';
import type { FieldValidation, ReferenceKind } from '../types.ts';

/** Field that every company has, stored as a property of the contact. */
export interface BuiltInField {
  readonly name: string;
  readonly header: Readonly<Record<Locale, string>>;
  readonly fieldType: FieldType;
  /** Property of the contact, if its name differs from that of the field. */
  readonly path?: string;
  readonly reference?: ReferenceKind;
  readonly validation?: FieldValidation;
  readonly hidden?: true;
}

type More = Omit<BuiltInField, 'name' | 'header' | 'fieldType'>;

function field(name: string, fieldType: FieldType, en: string, id: string, more: More = {}): BuiltInField {
  return { name, fieldType, header: { en, id }, ...more };
}

function options(labels: Readonly<Record<string, string>>): FieldValidation {
  return { options: Object.entries(labels).map(([key, label]) => ({ key, label })) };
}

const sourceOptions = { options: sources.map(({ value, label }) => ({ key: value, label })) };
const statusOptions = options({
  lead: 'Lead',
  prospect: 'Prospect',
  customer: 'Customer',
  churned: 'Churned',
});
const tagOptions = options({
  vip: 'VIP',
  wholesale: 'Wholesale; reseller',
  newsletter: 'Newsletter',
  event: 'Event \\ webinar',
  complaint: 'Complaint',
});
const rupiah: FieldValidation = { number: { number_type: 'currency', currency_code: 'IDR' } };
const percentage: FieldValidation = { number: { number_type: 'percentage' } };
const plain: FieldValidation = { number: { number_type: 'number' } };

/** Built-in fields in the order in which the CRM shows them. */
export const builtInFields: readonly BuiltInField[] = [
  field('id', 'id', 'Contact ID', 'ID Kontak', { path: '_id' }),
  field('first_name', 'text', 'First name', 'Nama depan'),
  field('last_name', 'text', 'Last name', 'Nama belakang'),
  field('email', 'email', 'Email', 'Email'),
  field('phone', 'phone', 'Phone', 'Telepon'),
  field('mobile_phone', 'phone', 'Mobile phone', 'Telepon seluler'),
  field('source', 'dropdown', 'Source', 'Sumber', { validation: sourceOptions }),
  field('status', 'dropdown', 'Status', 'Status', { validation: statusOptions }),
  field('tags', 'multiple_select', 'Tags', 'Tag', { validation: tagOptions }),
  field('owner', 'owner', 'Owner', 'Pemilik', { path: 'owner_id', reference: 'owners' }),
  field('companies', 'association', 'Associated companies', 'Perusahaan terkait', {
    path: 'associated_company_ids',
    reference: 'companies',
  }),
  field('deals', 'association', 'Associated deals', 'Transaksi terkait', {
    path: 'associated_deal_ids',
    reference: 'deals',
  }),
  field('job_title', 'text', 'Job title', 'Jabatan'),
  field('website', 'url', 'Website', 'Situs web'),
  field('address', 'text_area', 'Address', 'Alamat'),
  field('city', 'text', 'City', 'Kota'),
  field('postal_code', 'text', 'Postal code', 'Kode pos'),
  field('birth_date', 'date', 'Date of birth', 'Tanggal lahir'),
  field('is_subscribed', 'checkbox', 'Subscribed', 'Berlangganan'),
  field('lead_score', 'number', 'Lead score', 'Skor prospek', { validation: plain }),
  field('lifetime_value', 'number', 'Lifetime value', 'Nilai pelanggan', { validation: rupiah }),
  field('discount_rate', 'number', 'Discount rate', 'Tingkat diskon', { validation: percentage }),
  field('notes', 'text_area', 'Notes', 'Catatan'),
  field('last_contacted_at', 'datetime', 'Last contacted at', 'Terakhir dihubungi pada'),
  field('created_at', 'datetime', 'Created at', 'Dibuat pada'),
  field('updated_at', 'datetime', 'Updated at', 'Diperbarui pada'),
  field('external_id', 'text', 'External ID', 'ID eksternal', { hidden: true }),
  field('risk_score', 'number', 'Risk score', 'Skor risiko', { validation: plain, hidden: true }),
];

const byName: ReadonlyMap<string, BuiltInField> = new Map(builtInFields.map((entry) => [entry.name, entry]));

/** Returns the built-in field of that name. */
export function builtInField(name: string): BuiltInField | undefined {
  return byName.get(name);
}
