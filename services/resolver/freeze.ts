import { cursor, type ContactSource } from '@waybill/contacts';
import type { CompanyId } from '@waybill/domain';
import { ExportError } from '@waybill/errors';
import type { FreezePosition, Resolution } from './resolution.ts';
import type { Selection } from './selection.ts';
import type { ResolutionStore } from './resolution-store.ts';

export interface FreezeDeps {
  readonly store: Pick<ResolutionStore, 'appendChunk'>;
  readonly contacts: Pick<ContactSource, 'count' | 'readRows' | 'selectIds'>;
  /** Ids per page; each page becomes one chunk. */
  readonly pageIds: number;
  /** Called before each page: sends a heartbeat and progress, and throws if the work must stop. */
  readonly betweenPages: (resolution: Resolution) => Promise<void>;
}

/**
 * Lists the selection's ids into chunks, page by page, from the stored position on. Pages are read by key, not by offset,
 * so contacts that are created or deleted meanwhile shift no other contact.
 * @throws ExportError EXPORT_SELECTION_EMPTY, EXPORT_LIMIT_EXCEEDED, SERVICE_UNAVAILABLE
 * @throws ClaimLost
 */
export async function freeze(
  claimed: Resolution,
  selection: Selection,
  deps: FreezeDeps,
): Promise<Resolution> {
  let resolution = claimed;
  while (resolution.next.kind !== 'end') {
    await deps.betweenPages(resolution);
    resolution = await freezePage(resolution, selection, deps);
  }
  const { frozen } = resolution;
  if (frozen === 0) throw new ExportError('EXPORT_SELECTION_EMPTY');
  if (selection.kind === 'ids') {
    await requireOne(selection, deps.contacts);
  } else if (selection.cap !== undefined && frozen > selection.cap) {
    const total = await wholeTotal(selection, frozen, deps.contacts);
    throw new ExportError('EXPORT_LIMIT_EXCEEDED', { params: { total, cap: selection.cap } });
  }
  return resolution;
}

type QuerySelection = Extract<Selection, { kind: 'query' }>;

async function freezePage(
  resolution: Resolution,
  selection: Selection,
  deps: FreezeDeps,
): Promise<Resolution> {
  if (selection.kind === 'ids') return deps.store.appendChunk(resolution, selection.ids, { kind: 'end' });
  const { next, frozen } = resolution;
  const listed = next.kind === 'after' ? (next.listed ?? frozen) : 0;
  const after = next.kind === 'after' ? { after: cursor(next.cursor) } : {};
  const limit = Math.min(deps.pageIds, selection.limit - listed);
  const page = await deps.contacts.selectIds(selection.query, { ...after, limit });
  const kept = page.ids.filter((id) => !selection.excluded.has(id));
  const count = listed + page.ids.length;
  const rest = count >= selection.limit ? undefined : page.next;
  const position: FreezePosition =
    rest === undefined
      ? { kind: 'end' }
      : { kind: 'after', cursor: rest, ...listedOf(count, frozen + kept.length) };
  return deps.store.appendChunk(resolution, kept, position);
}

function listedOf(listed: number, frozen: number): { readonly listed?: number } {
  return listed === frozen ? {} : { listed };
}

/** Contacts that are looked up in one read. */
const contactsPerRead = 500;

/**
 * Checks that one of the ids is a contact of the company. The others count as skipped.
 * @throws ExportError EXPORT_SELECTION_EMPTY
 */
async function requireOne(
  { companyId, ids }: { readonly companyId: CompanyId; readonly ids: readonly string[] },
  contacts: Pick<ContactSource, 'readRows'>,
): Promise<void> {
  for (let from = 0; from < ids.length; from += contactsPerRead) {
    const rows = await contacts.readRows(companyId, ids.slice(from, from + contactsPerRead), []);
    if (rows.some((row) => row !== undefined)) return;
  }
  throw new ExportError('EXPORT_SELECTION_EMPTY');
}

/** How long the contacts of a selection over the cap are counted, for the text of the failure. */
const countLimitMs = 5_000;

/** Returns the size of a selection over the cap, or `> cap` if counting takes too long: listing has stopped above the cap. */
async function wholeTotal(
  { query, excluded, cap }: QuerySelection,
  frozen: number,
  contacts: Pick<ContactSource, 'count'>,
): Promise<number | string> {
  const counted = await contacts.count(query, {
    limit: Number.MAX_SAFE_INTEGER,
    maxTimeMs: countLimitMs,
    excludedIds: [...excluded],
  });
  return counted.late ? `> ${cap}` : Math.max(counted.total, frozen);
}
