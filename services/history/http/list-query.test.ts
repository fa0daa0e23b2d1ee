import type { Caller } from '@waybill/auth';
import { ExportError } from '@waybill/errors';
import { companyId, organizationId, userId, type Permission } from '@waybill/domain';
import { describe, expect, it } from 'vitest';
import { readListQuery } from './list-query.ts';

function caller(...permissions: Permission[]): Caller {
  return {
    userId: userId('ani'),
    companyId: companyId('acme'),
    organizationId: organizationId('org'),
    permissions,
    email: 'ani@example.com',
    locale: 'en',
  };
}

const now = new Date(Date.UTC(2026, 10, 24));
const inCompany = caller('contacts.export.history.company');

describe('readListQuery', () => {
  it('selects the exports of the caller if the caller has no permission for more', () => {
    expect(readListQuery({}, caller('contacts.export'), now).query).toMatchObject({
      owner: { company_id: 'acme' },
      userId: 'ani',
    });
    const elsewhere = () => readListQuery({ user_id: 'budi' }, caller('contacts.export'), now);
    expect(elsewhere).toThrow('contacts.export.history.company');
  });

  it('reads from and to as calendar days of the timezone, both inclusive', () => {
    const { query } = readListQuery({ from: '2026-11-01', to: '2026-11-01' }, inCompany, now);
    expect(query.from?.toISOString()).toBe('2026-10-31T17:00:00.000Z');
    expect(query.before?.toISOString()).toBe('2026-11-01T17:00:00.000Z');
    const spring = { from: '2026-03-08', to: '2026-03-08', timezone: 'America/New_York' };
    const short = readListQuery(spring, inCompany, now).query;
    expect(Number(short.before) - Number(short.from)).toBe(23 * 3_600_000);
  });

  it('finds expired and completed entries by whether their file has expired', () => {
    expect(readListQuery({ status: 'expired' }, inCompany, now).query).toMatchObject({
      outcome: 'SUCCEEDED',
      file: { at: now, present: false },
    });
    expect(readListQuery({ status: 'failed' }, inCompany, now).query.file).toBeUndefined();
  });

  it('reports every fault of a query at once', () => {
    const query = { limit: '1000', from: 'yesterday', $where: '1', format: ['xlsx', 'csv'] };
    const faults = (() => {
      try {
        readListQuery(query, inCompany, now);
        return [];
      } catch (error) {
        return error instanceof ExportError ? error.errors : [];
      }
    })();
    expect(faults.map(({ path }) => path).sort()).toEqual(['$where', 'format', 'from', 'limit']);
  });
});
