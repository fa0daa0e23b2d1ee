import { stored, unlessTaken } from '@waybill/mongo';
import type { CompanyId } from '@waybill/domain';
import type { Db, Filter } from 'mongodb';
import type { Configuration } from '../request/export-request.ts';
import type { Owner } from '../request/fingerprint.ts';
import type { PageQuery } from '../request/pages.ts';
import { nameKeyOf, type Preset } from './preset.ts';

/** A stored preset with the unique key of its name. */
interface PresetDocument extends Preset {
  readonly name_key: string;
}

/** The configuration of a person's last export. */
interface LastConfiguration {
  /** Company id and user id with a space between; the ids contain no spaces. */
  readonly _id: string;
  readonly company_id: CompanyId;
  readonly configuration: Configuration;
  readonly saved_at: number;
}

/** Stores presets and last configurations in the collections `presets` and `last_configurations`. */
export interface PresetStore {
  /** Returns a page of the person's own presets and the company's shared ones, ordered by name, and their number. */
  visibleTo(owner: Owner, page: PageQuery): Promise<{ presets: readonly Preset[]; total: number }>;
  /** Returns a preset if it is visible to the person. */
  find(owner: Owner, id: string): Promise<Preset | undefined>;
  countOf(owner: Owner): Promise<number>;
  /** Returns false when the name is taken. */
  insert(preset: Preset): Promise<boolean>;
  /** Replaces a preset unless it has changed since it was read. */
  replace(read: Preset, changed: Preset): Promise<'replaced' | 'changed' | 'name taken'>;
  /** Removes a preset; returns false when it has changed since it was read. */
  remove(read: Preset): Promise<boolean>;
  last(owner: Owner): Promise<{ configuration: Configuration; saved_at: number } | undefined>;
  /** Stores the configuration of the newest export. A late call does not replace a newer configuration. */
  saveLast(owner: Owner, configuration: Configuration, at: number): Promise<void>;
}

export function createPresetStore(db: Db): PresetStore {
  const presets = db.collection<PresetDocument>('presets');
  const lastConfigurations = db.collection<LastConfiguration>('last_configurations');
  const visible = ({ companyId, userId }: Owner): Filter<PresetDocument> => ({
    company_id: companyId,
    $or: [{ user_id: userId }, { shared: true }],
  });

  return {
    async visibleTo(owner, { page, per_page: size }) {
      const sorted = presets.find(visible(owner)).sort({ name: 1, _id: 1 });
      const [found, total] = await Promise.all([
        stored(
          sorted
            .skip((page - 1) * size)
            .limit(size)
            .toArray(),
        ),
        stored(presets.countDocuments(visible(owner))),
      ]);
      return { presets: found, total };
    },
    find: async (owner, id) => (await stored(presets.findOne({ _id: id, ...visible(owner) }))) ?? undefined,
    countOf: ({ companyId, userId }) =>
      stored(presets.countDocuments({ company_id: companyId, user_id: userId })),
    insert: (preset) => unlessTaken(presets.insertOne(documentOf(preset))),
    async replace(read, changed) {
      let matched = 0;
      const write = async (): Promise<void> => {
        matched = (await presets.replaceOne(unchanged(read), documentOf(changed))).matchedCount;
      };
      if (!(await unlessTaken(write()))) return 'name taken';
      return matched === 1 ? 'replaced' : 'changed';
    },
    remove: async (read) => (await stored(presets.deleteOne(unchanged(read)))).deletedCount === 1,
    last: async (owner) => (await stored(lastConfigurations.findOne({ _id: personOf(owner) }))) ?? undefined,
    async saveLast(owner, configuration, at) {
      const fields = { company_id: owner.companyId, configuration, saved_at: at };
      const older = { _id: personOf(owner), saved_at: { $lte: at } };
      // The filter does not match a newer one. The insert then finds its id taken, and nothing changes.
      await unlessTaken(lastConfigurations.updateOne(older, { $set: fields }, { upsert: true }));
    },
  };
}

/** Matches only while the preset is as it was read: each change sets a later `updated_at`. */
function unchanged({ _id, company_id, updated_at }: Preset): Filter<PresetDocument> {
  return { _id, company_id, updated_at };
}

function personOf({ companyId, userId }: Owner): string {
  return `${companyId} ${userId}`;
}

function documentOf(preset: Preset): PresetDocument {
  const owner = { companyId: preset.company_id, userId: preset.user_id };
  return { ...preset, name_key: nameKeyOf(owner, preset.name, preset.shared) };
}
