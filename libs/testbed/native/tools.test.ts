import { expect, it } from 'vitest';
import { parseVersion } from './tools.ts';

it.each([
  ['openjdk version "17.0.15" 2025-04-15', [17, 0]],
  ['java version "1.8.0_392"', [1, 8]],
  ['openjdk version "21" 2023-09-19', [21, 0]],
  ['go version go1.26.8 linux/amd64', [1, 26]],
  ['go version go1.19 linux/amd64', [1, 19]],
])('parseVersion reads the version in %s', (text, version) => {
  expect(parseVersion(text)).toEqual(version);
});

it('parseVersion returns undefined for a text without a version', () => {
  expect(parseVersion('go version devel')).toBeUndefined();
});
