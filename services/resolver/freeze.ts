import { cursor, type ContactSource } from '@waybill/contacts';
import { ExportError } from '@waybill/errors';
import type { Resolution } from './resolution.ts';
import type { Selection } from './selection.ts';
import type { ResolutionStore } from './resolution-store.ts';

export interface FreezeDeps {
  readonly store: Pick<ResolutionStore, 'appendChunk'>;
  readonly contacts: Pick<ContactSource, 'selectIds'>;
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
  if (resolution.frozen === 0) throw new ExportError('EXPORT_SELECTION_EMPTY');
  if (selection.kind === 'query' && selection.cap !== undefined && resolution.frozen > selection.cap) {
    // Freezing stops one above the cap, so the total is unknown.
    const params = { total: `> ${selection.cap}`, cap: selection.cap };
    throw new ExportError('EXPORT_LIMIT_EXCEEDED', { params });
  }
  return resolution;
}

async function freezePage(
  resolution: Resolution,
  selection: Selection,
  { store, contacts, pageIds }: FreezeDeps,
): Promise<Resolution> {
  if (selection.kind === 'ids') return store.appendChunk(resolution, selection.ids, { kind: 'end' });
  const { next, frozen } = resolution;
  const after = next.kind === 'after' ? { after: cursor(next.cursor) } : {};
  const limit = Math.min(pageIds, selection.limit - frozen);
  const page = await contacts.selectIds(selection.query, { ...after, limit });
  const rest = frozen + page.ids.length >= selection.limit ? undefined : page.next;
  return store.appendChunk(
    resolution,
    page.ids,
    rest === undefined ? { kind: 'end' } : { kind: 'after', cursor: rest },
  );
}
