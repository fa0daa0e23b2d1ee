import { expect, it } from 'vitest';
import { goPlatform } from './go.ts';

it.each([
  ['linux', 'x64', 'linux-amd64'],
  ['linux', 'arm64', 'linux-arm64'],
  ['darwin', 'arm64', 'darwin-arm64'],
  ['win32', 'x64', undefined],
  ['linux', 's390x', undefined],
])('goPlatform returns the name of the Go download for %s %s: %s', (platform, processor, name) => {
  expect(goPlatform(platform, processor)).toBe(name);
});
