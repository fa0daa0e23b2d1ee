import { describe, expect, it } from 'vitest';
import { entryOf, type EntryDocument } from '../entries/entry.ts';
import { cancelled, completedAt, failed, succeeded } from '@waybill/fixtures';
import { entryView, type ViewContext } from './entry-view.ts';

const context: ViewContext = {
  person: { email: 'ani@example.com', name: 'Ani', criterion: { search: 'budi' } },
  downloads: { count: 2, lastAt: new Date(completedAt + 60_000) },
  threshold: undefined,
  language: 'en',
  downloadUrl: 'https://crm.example/download',
  now: new Date(completedAt),
};

function entry(event: Parameters<typeof entryOf>[0]): EntryDocument {
  const made = entryOf(event);
  if (made === undefined) throw new Error('the event has no job');
  return made;
}

describe('entryView', () => {
  it('shows how many contacts were matched, written and skipped, and the unchanged receipt', () => {
    const event = succeeded();
    const view = entryView(entry(event), context);
    expect(view).toMatchObject({ total_records: 10_000, success_count: 9_997, failed_count: 3 });
    expect(view.receipt).toEqual({
      ...event.receipt,
      snapshot_at: new Date(event.receipt?.snapshot_at ?? 0).toISOString(),
    });
  });

  it('is completed until the file expires, then expired', () => {
    const made = entry(succeeded());
    expect(entryView(made, context).status).toBe('completed');
    expect(entryView(made, { ...context, now: new Date(completedAt + 172_800_000) }).status).toBe('expired');
  });

  it('describes a failure in the language of the caller', () => {
    expect(entryView(entry(failed()), context)).toMatchObject({
      status: 'failed',
      file: null,
      failure: {
        code: 'EXPORT_LIMIT_EXCEEDED',
        message:
          'The selection has 12,500 contacts and the limit is 10,000. Narrow the filter or split by period.',
      },
    });
    expect(entryView(entry(failed()), { ...context, language: 'id' }).failure?.message).toContain(
      'Pilihan berisi 12.500 kontak',
    );
    expect(entryView(entry(cancelled()), context).status).toBe('cancelled');
  });

  it('keeps an unknown code of a newer release and shows the general text', () => {
    const failure = { code: 'EXPORT_OF_TOMORROW', detail: 'A text of tomorrow.', params: {} };
    expect(entryView(entry(failed({ failure })), context).failure).toEqual({
      code: 'EXPORT_OF_TOMORROW',
      message: 'A text of tomorrow.',
    });
  });

  it('marks an erased person and shows nothing of them', () => {
    const view = entryView({ ...entry(succeeded()), personal: null }, { ...context, person: undefined });
    expect(view.requested_by).toEqual({ user_id: 'user-1', email: null, name: null, erased: true });
    expect(view.selection.criterion).toBeNull();
  });

  it('stores no field name as a document key', () => {
    const receipt = succeeded().receipt;
    if (receipt === null) throw new Error('the event has no receipt');
    const odd = { ...receipt, cells_truncated: { total: 1, by_field: { 'a.$b': 1 } } };
    const made = entry(succeeded({ receipt: odd }));
    expect(made.receipt?.cells_truncated.by_field).toEqual([{ field: 'a.$b', count: 1 }]);
    expect(entryView(made, context).receipt?.cells_truncated).toEqual(odd.cells_truncated);
  });
});
