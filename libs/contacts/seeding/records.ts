import type { NamedDocument } from '../collections.ts';
import { createDice } from './dice.ts';
import { companyNames, dealNames, names } from './words.ts';

const counts = { owners: 12, companies: 40, deals: 30 } as const;

/** Ids of the records that seeded contacts refer to. */
export interface RecordIds {
  readonly owners: readonly string[];
  readonly companies: readonly string[];
  readonly deals: readonly string[];
}

export function recordIds(prefix: string): RecordIds {
  const ids = (kind: keyof typeof counts) =>
    Array.from({ length: counts[kind] }, (_, index) => `${prefix}-${kind}-${index}`);
  return { owners: ids('owners'), companies: ids('companies'), deals: ids('deals') };
}

/** The records themselves. The last of each kind is left out, as if it had been deleted: a contact then shows its id. */
export function seededRecords(
  companyId: string,
  prefix: string,
  seed: number,
): Readonly<Record<keyof RecordIds, readonly NamedDocument[]>> {
  const ids = recordIds(prefix);
  const dice = createDice(seed);
  const named = (list: readonly string[], nameOf: (index: number) => string): NamedDocument[] =>
    list.slice(0, -1).map((_id, index) => ({ _id, company_id: companyId, name: nameOf(index) }));
  return {
    owners: named(ids.owners, () => dice.pick(names).join(' ').trim()),
    companies: named(ids.companies, (index) => `${dice.pick(companyNames)} ${index + 1}`),
    deals: named(ids.deals, (index) => `${dice.pick(dealNames)} ${2020 + (index % 7)}`),
  };
}
