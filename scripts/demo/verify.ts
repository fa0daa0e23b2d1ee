import { waitFor } from '@waybill/testbed';
import type { ExportClient } from './client.ts';
import type { FinishedExport } from './export-once.ts';
import type { DemoOptions } from './options.ts';
import { readBack } from './read-back.ts';

/** One thing that was looked at, and whether it was as it must be. */
export interface Check {
  readonly what: string;
  readonly ok: boolean;
  /** What was found. */
  readonly found: string;
}

export interface Verified {
  readonly checks: readonly Check[];
  readonly emails: number;
  readonly notifications: number;
  readonly historyEntries: number;
}

/** Deliveries follow the file by milliseconds; the limit is for slow machines. */
const deliveryLimitMs = 30_000;

/** Holds the file against the contacts that were seeded, and the deliveries against one each. */
export async function verifyExport(
  client: ExportClient,
  exported: FinishedExport,
  options: DemoOptions,
  expected: { readonly ids: readonly string[]; readonly email: string },
): Promise<Verified> {
  const { receipt, jobId } = exported;
  const file = await readBack(exported.path, options.format);
  const delivered = await deliveries(client, jobId, expected.email);
  const checks: Check[] = [
    check(
      'matched = written + skipped',
      receipt.matched === receipt.written + receipt.skipped,
      counts(receipt),
    ),
    check(
      'the receipt counts every seeded contact',
      receipt.written === options.rows,
      `${receipt.written} written`,
    ),
    check(
      'the file has as many rows as the receipt',
      file.ids.length === receipt.written,
      `${file.ids.length} rows`,
    ),
    check(
      'the ids are those of the contacts, in order',
      sameOrder(file.ids, expected.ids),
      firstAndLast(file.ids),
    ),
    check(
      'one column or more for each field',
      file.header.length >= exported.fields.length,
      `${file.header.length} columns`,
    ),
    check('one email', delivered.emails === 1, `${delivered.emails} to ${expected.email}`),
    check('one notification', delivered.notifications === 1, `${delivered.notifications}`),
    check('one history entry', delivered.historyEntries === 1, `${delivered.historyEntries}`),
  ];
  if (options.format === 'xlsx') {
    checks.push(
      check('the last sheet is the receipt', file.sheets.at(-1) === 'Receipt', file.sheets.join(', ')),
    );
  }
  return { checks, ...delivered };
}

async function deliveries(
  client: ExportClient,
  jobId: string,
  email: string,
): Promise<Omit<Verified, 'checks'>> {
  const look = async (): Promise<Omit<Verified, 'checks'>> => ({
    emails: await client.emails(email, jobId),
    notifications: await client.notifications(jobId),
    historyEntries: await client.historyEntries(jobId),
  });
  const first = await waitFor(
    async () => {
      const found = await look();
      return found.emails > 0 && found.notifications > 0 && found.historyEntries > 0 ? found : undefined;
    },
    { limitMs: deliveryLimitMs, everyMs: 50, what: 'email, notification and history entry' },
  ).catch(look);
  return first;
}

function check(what: string, ok: boolean, found: string): Check {
  return { what, ok, found };
}

function counts(receipt: FinishedExport['receipt']): string {
  return `${receipt.matched} = ${receipt.written} + ${receipt.skipped}`;
}

function sameOrder(found: readonly string[], expected: readonly string[]): boolean {
  return found.length === expected.length && found.every((id, index) => id === expected[index]);
}

function firstAndLast(ids: readonly string[]): string {
  return ids.length === 0 ? 'none' : `${ids[0] ?? ''} … ${ids.at(-1) ?? ''}`;
}
