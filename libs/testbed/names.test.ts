import { expect, it } from 'vitest';
import { uniqueName } from './names.ts';

it('uniqueName returns a different name each time, valid for a topic, a database and a bucket', () => {
  const names = Array.from({ length: 1_000 }, () => uniqueName('a-prefix-of-forty-characters-is-the-limit'));
  expect(new Set(names).size).toBe(1_000);
  for (const name of names) {
    expect(name).toMatch(/^[a-z0-9-]+$/);
    expect(name.length).toBeLessThanOrEqual(63);
  }
});
