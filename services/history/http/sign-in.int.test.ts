import { afterAll, beforeAll, expect, it } from 'vitest';
import { Harness } from '../testing/harness.ts';

let harness: Harness;

beforeAll(async () => {
  harness = await Harness.open();
  await harness.start({ SIGN_IN_URL: 'https://crm.example/sign-in?theme=light' });
});
afterAll(() => harness[Symbol.asyncDispose]());

it('GET /{job_id}/download redirects a browser without a session to the sign-in page and back', async () => {
  const path = '/5f0c9a52-7d0c-4a3e-9b39-0a4f9c1f2b11/download';
  const response = await harness.request(`${path}?next=https://evil.example`, undefined, {
    headers: { accept: 'text/html' },
  });
  expect(response.status).toBe(302);
  const url = new URL(response.headers.get('location') ?? '');
  expect(`${url.origin}${url.pathname}`).toBe('https://crm.example/sign-in');
  expect(url.searchParams.get('return_to')).toBe(`https://crm.example/iag/v1/contacts/export/history${path}`);
  expect((await harness.request(path, undefined)).status).toBe(401);
});
