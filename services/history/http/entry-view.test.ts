import { describe, expect, it } from 'vitest';
import { entryOf, type EntryDocument } from '../entries/entry.ts';
import { cancelled, completedAt, failed, succeeded } from '@waybill/fixtures';
import { entryView, type ViewContext } from './entry-view.ts';

const context: ViewContext = {
  person: { email: 'ani@example.com', name: 'Ani', criterion: { search: 'budi' } },
  downloads: { count: 2, lastAt: new Date(completedAt + 60_000) },
  threshold: undefined,
  locale: 'en',
  downloadUrl: 'https://crm.example/download',
  now: new Date(completedAt),
};

function entry(event: Parameters<typeof entryOf>[0]): EntryDocument {
  const made = entryOf(event);
  if (made === undefined) throw new Error('the event has no job');
  return made;
}

describe('an entry as the API shows it', () => {
  it('says how many were matched, written and skipped, and gives the receipt as it was', () => {
    const event = succeeded();
    const view = entryView(entry(event), context);
    expect(view).toMatchObject({ total_records: 10_003, success_count: 10_000, failed_count: 3 });
    expect(view.receipt).toEqual({
      ...event.receipt,
      snapshot_at: new Date(event.receipt?.snapshot_at ?? 0).toISOString(),
    });
  });

  it('is completed while the file is there and expired from then on', () => {
    const made = entry(succeeded());
    expect(entryView(made, context).status).toBe('completed');
    expect(entryView(made, { ...context, now: new Date(completedAt + 172_800_000) }).status).toBe('expired');
  });

  it('tells a failure in the language of whoever looks', () => {
    expect(entryView(entry(failed()), context)).toMatchObject({
      status: 'failed',
      file: null,
      failure_reason: { code: 'EXPORT_LIMIT_EXCEEDED', title: 'Too many contacts for one export' },
    });
    expect(entryView(entry(failed()), { ...context, locale: 'id' }).failure_reason?.title).toBe(
      'Terlalu banyak kontak untuk satu ekspor',
    );
    expect(entryView(entry(cancelled()), context).status).toBe('cancelled');
  });

  it('keeps the code of a newer catalogue', () => {
    const failure = { code: 'EXPORT_OF_TOMORROW', detail: '', params: {} };
    expect(entryView(entry(failed({ failure })), context).failure_reason).toMatchObject({
      code: 'EXPORT_OF_TOMORROW',
      title: 'The export failed',
    });
  });

  it('says that a person was erased and shows nothing of them', () => {
    const view = entryView({ ...entry(succeeded()), personal: null }, { ...context, person: undefined });
    expect(view.requested_by).toEqual({ user_id: 'user-1', email: null, name: null, erased: true });
    expect(view.selection.criterion).toBeNull();
  });

  it('stores no field name as the key of a document', () => {
    const receipt = succeeded().receipt;
    if (receipt === null) throw new Error('the event has no receipt');
    const odd = { ...receipt, cells_truncated: { total: 1, by_field: { 'a.$b': 1 } } };
    const made = entry(succeeded({ receipt: odd }));
    expect(made.receipt?.cells_truncated.by_field).toEqual([{ field: 'a.$b', count: 1 }]);
    expect(entryView(made, context).receipt?.cells_truncated).toEqual(odd.cells_truncated);
  });
});
