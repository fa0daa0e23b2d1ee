import { cursor, type ContactSource } from '@waybill/contacts';
import { ExportError } from '@waybill/errors';
import type { Resolution } from './resolution.ts';
import type { Selection } from './selection.ts';
import type { ResolutionStore } from './resolution-store.ts';

export interface FreezeParts {
  readonly store: Pick<ResolutionStore, 'appendChunk'>;
  readonly contacts: Pick<ContactSource, 'selectIds'>;
  /** Ids of one page, which is also one chunk. */
  readonly pageIds: number;
  /** Between two pages: stays alive, tells how far it is, and throws where the work must not go on. */
  readonly betweenPages: (resolution: Resolution) => Promise<void>;
}

/**
 * Lists the selection's ids into chunks, page by page, from where the stored resolution stands. Paging is by key, never
 * by offset, so contacts that come or go meanwhile shift nothing.
 * @throws ExportError EXPORT_SELECTION_EMPTY, EXPORT_LIMIT_EXCEEDED; SERVICE_UNAVAILABLE. ClaimLost.
 */
export async function freeze(
  claimed: Resolution,
  selection: Selection,
  parts: FreezeParts,
): Promise<Resolution> {
  let resolution = claimed;
  while (resolution.next.kind !== 'end') {
    await parts.betweenPages(resolution);
    resolution = await freezePage(resolution, selection, parts);
  }
  if (resolution.frozen === 0) throw new ExportError('EXPORT_SELECTION_EMPTY');
  if (selection.kind === 'query' && selection.cap !== undefined && resolution.frozen > selection.cap) {
    // Freezing stops one above the cap, so the true total is not known.
    const params = { total: `> ${selection.cap}`, cap: selection.cap };
    throw new ExportError('EXPORT_LIMIT_EXCEEDED', { params });
  }
  return resolution;
}

async function freezePage(
  resolution: Resolution,
  selection: Selection,
  { store, contacts, pageIds }: FreezeParts,
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
