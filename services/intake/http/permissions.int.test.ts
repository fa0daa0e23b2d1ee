/** Tests the cells of docs/permissions.md for data of a colleague and of another company. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endJob } from '../testing/end-job.ts';
import { startTestIntake, type RunningIntake } from '../testing/running-intake.ts';

let intake: RunningIntake;
beforeAll(async () => {
  intake = await startTestIntake();
});
afterAll(() => intake[Symbol.asyncDispose]());

const exporting = { permissions: ['contacts.export'] } as const;
const administering = { permissions: ['contacts.export', 'contacts.export.admin'] } as const;

let people = 0;

/** Starts a job of a new person who has only the permission to export. */
async function newJob(): Promise<string> {
  people += 1;
  const { body } = await intake.exportWith({}, { as: { userId: `owner-${people}`, ...exporting } });
  return String(body['job_id']);
}

const ask = async (method: string, path: string, as: object) => {
  const { status, body } = await intake.call(method, path, { as: { userId: 'asker', ...as } });
  return [status, body['code']];
};

describe('job of another company', () => {
  const stranger = { companyId: 'another-company', ...exporting };

  it('has no event stream for a user with the permission to export', async () => {
    const id = await newJob();
    expect(await ask('GET', `/export/events/${id}`, stranger)).toEqual([404, 'EXPORT_NOT_FOUND']);
  });

  it('cannot be cancelled by a user with the permission to export, and its existence is not confirmed', async () => {
    const id = await newJob();
    expect(await ask('POST', `/export/${id}/cancel`, stranger)).toEqual([404, 'EXPORT_NOT_FOUND']);
    const { body } = await intake.call('GET', `/export/status/${id}`);
    expect(body).toMatchObject({ cancel_requested: false });
  });

  it('cannot be retried by a user with the permission to export or by an administrator', async () => {
    const id = await newJob();
    await endJob(intake, id, 'FAILED');
    for (const { permissions } of [exporting, administering]) {
      const answer = await ask('POST', `/export/${id}/retry`, { ...stranger, permissions });
      expect(answer).toEqual([404, 'EXPORT_NOT_FOUND']);
    }
  });
});

describe('job of a colleague', () => {
  const routes = ['status', 'events'] as const;

  it('has neither a status nor an event stream for a user who may only export', async () => {
    const id = await newJob();
    for (const route of routes) {
      const { status, body } = await intake.call('GET', `/export/${route}/${id}`, {
        as: { userId: 'asker', ...exporting },
      });
      expect([status, body['code']]).toEqual([403, 'FORBIDDEN']);
      expect(body['detail']).toContain('contacts.export.history.company');
    }
  });

  it.each(['history.company', 'history.organization', 'admin'] as const)(
    'has a status and an event stream for a user with %s, and for its requester',
    async (name) => {
      const id = await newJob();
      await endJob(intake, id, 'FAILED');
      const seeing = { permissions: ['contacts.export', `contacts.export.${name}`] } as const;
      const owner = { userId: `owner-${people}`, ...exporting };
      for (const route of routes) {
        expect(await ask('GET', `/export/${route}/${id}`, seeing)).toEqual([200, undefined]);
        expect(await ask('GET', `/export/${route}/${id}`, owner)).toEqual([200, undefined]);
      }
    },
  );
});

describe('failed job of a colleague', () => {
  it('can be retried by an administrator, but not with the permission to export alone', async () => {
    const id = await newJob();
    await endJob(intake, id, 'FAILED');
    expect(await ask('POST', `/export/${id}/retry`, exporting)).toEqual([403, 'FORBIDDEN']);
    const retried = await intake.call('POST', `/export/${id}/retry`, {
      as: { userId: 'asker', ...administering },
    });
    expect(retried.status).toBe(202);
    expect(retried.body).toMatchObject({ job_id: id, attempt: 2, status: 'queued' });
  });
});

describe('private preset of a colleague', () => {
  it('is not visible to an administrator', async () => {
    const configuration = {
      format: 'xlsx',
      layout_id: 'default',
      selected_fields: ['email'],
      timezone: 'UTC',
    };
    const made = await intake.call('POST', '/export/presets', {
      as: { userId: 'keeper' },
      body: { name: 'Mine', configuration },
    });
    const { id } = made.body as { id: string };
    const renaming = { as: { userId: 'asker', ...administering }, body: { name: 'Taken' } };
    const renamed = await intake.call('PATCH', `/export/presets/${id}`, renaming);
    expect([renamed.status, renamed.body['code']]).toEqual([404, 'PRESET_NOT_FOUND']);
    const removed = await ask('DELETE', `/export/presets/${id}`, administering);
    expect(removed).toEqual([404, 'PRESET_NOT_FOUND']);
    const list = await intake.call('GET', '/export/presets', { as: { userId: 'keeper' } });
    expect(list.body['data']).toMatchObject([{ id, name: 'Mine' }]);
  });
});
