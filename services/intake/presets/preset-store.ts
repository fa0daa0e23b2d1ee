import { stored, unlessTaken } from '@waybill/mongo';
import type { CompanyId } from '@waybill/domain';
import type { Db, Filter } from 'mongodb';
import type { Configuration } from '../request/export-request.ts';
import type { Owner } from '../request/fingerprint.ts';
import { nameClaim, type Preset } from './preset.ts';

/** A preset with the claim on its name; the claim's index is unique. */
interface PresetDocument extends Preset {
  readonly name_claim: string;
}

/** What a person exported with last. */
interface LastConfiguration {
  /** Company and user; ids hold no blanks. */
  readonly _id: string;
  readonly company_id: CompanyId;
  readonly configuration: Configuration;
  readonly saved_at: number;
}

/** The collections `presets` and `last_configurations`. */
export interface PresetStore {
  /** The person's own and the company's shared ones, by name. */
  visibleTo(owner: Owner): Promise<readonly Preset[]>;
  /** A preset that the person sees. */
  find(owner: Owner, id: string): Promise<Preset | undefined>;
  countOf(owner: Owner): Promise<number>;
  /** False when the name is taken. */
  insert(preset: Preset): Promise<boolean>;
  /** False when the name is taken. */
  replace(preset: Preset): Promise<boolean>;
  remove(preset: Preset): Promise<void>;
  last(owner: Owner): Promise<{ configuration: Configuration; saved_at: number } | undefined>;
  /** Keeps the newest: what comes late never goes over what came after it. */
  saveLast(owner: Owner, configuration: Configuration, at: number): Promise<void>;
}

export function createPresetStore(db: Db): PresetStore {
  const presets = db.collection<PresetDocument>('presets');
  const lasts = db.collection<LastConfiguration>('last_configurations');
  const visible = ({ companyId, userId }: Owner): Filter<PresetDocument> => ({
    company_id: companyId,
    $or: [{ user_id: userId }, { shared: true }],
  });

  return {
    visibleTo: (owner) => stored(presets.find(visible(owner)).sort({ name: 1, _id: 1 }).toArray()),
    find: async (owner, id) => (await stored(presets.findOne({ _id: id, ...visible(owner) }))) ?? undefined,
    countOf: ({ companyId, userId }) =>
      stored(presets.countDocuments({ company_id: companyId, user_id: userId })),
    insert: (preset) => unlessTaken(presets.insertOne(documentOf(preset))),
    replace: (preset) =>
      unlessTaken(presets.replaceOne({ _id: preset._id, company_id: preset.company_id }, documentOf(preset))),
    async remove(preset) {
      await stored(presets.deleteOne({ _id: preset._id, company_id: preset.company_id }));
    },
    last: async (owner) => (await stored(lasts.findOne({ _id: personOf(owner) }))) ?? undefined,
    async saveLast(owner, configuration, at) {
      const fields = { company_id: owner.companyId, configuration, saved_at: at };
      const older = { _id: personOf(owner), saved_at: { $lte: at } };
      // Where a newer one is there the filter misses it, and the insert meets its id: then nothing is to be done.
      await unlessTaken(lasts.updateOne(older, { $set: fields }, { upsert: true }));
    },
  };
}

function personOf({ companyId, userId }: Owner): string {
  return `${companyId} ${userId}`;
}

function documentOf(preset: Preset): PresetDocument {
  const owner = { companyId: preset.company_id, userId: preset.user_id };
  return { ...preset, name_claim: nameClaim(owner, preset.name, preset.shared) };
}
