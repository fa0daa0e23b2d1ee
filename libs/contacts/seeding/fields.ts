import type { CompanyId } from '@waybill/domain';
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
  // Upserts, because two loads into a new company may be at it at the same time.
  if (fields === 0) {
    await fieldProperties.bulkWrite(
      defaultProperties().map((property, position) => ({
        updateOne: {
          filter: { _id: scopedId(companyId, property.name) },
          update: { $setOnInsert: { company_id: companyId, position, ...property } },
          upsert: true,
        },
      })),
    );
  }
  if (views === 0) {
    await layouts.bulkWrite(
      defaultLayouts().map(({ id, name, is_default, fields: shown }, position) => ({
        updateOne: {
          filter: { _id: scopedId(companyId, id) },
          update: {
            $setOnInsert: { company_id: companyId, layout_id: id, position, name, is_default, fields: shown },
          },
          upsert: true,
        },
      })),
    );
  }
}
