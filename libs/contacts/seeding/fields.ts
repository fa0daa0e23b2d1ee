import type { CompanyId } from '@waybill/vocabulary';
import type { Db } from 'mongodb';
import { crmCollections, scopedId } from '../collections.ts';
import { defaultLayouts, defaultProperties } from '../default-layouts.ts';

/** Gives a company without fields the default ones, and one without layouts the default layouts. */
export async function ensureFields(db: Db, companyId: CompanyId): Promise<void> {
  const { fieldProperties, layouts } = crmCollections(db);
  const [fields, views] = await Promise.all([
    fieldProperties.countDocuments({ company_id: companyId }, { limit: 1 }),
    layouts.countDocuments({ company_id: companyId }, { limit: 1 }),
  ]);
  if (fields === 0) {
    await fieldProperties.insertMany(
      defaultProperties().map((property, position) => ({
        _id: scopedId(companyId, property.name),
        company_id: companyId,
        position,
        ...property,
      })),
    );
  }
  if (views === 0) {
    await layouts.insertMany(
      defaultLayouts().map(({ id, name, is_default, fields: shown }, position) => ({
        _id: scopedId(companyId, id),
        company_id: companyId,
        layout_id: id,
        position,
        name,
        is_default,
        fields: shown,
      })),
    );
  }
}
