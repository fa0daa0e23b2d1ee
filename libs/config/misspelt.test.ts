import { describe, expect, it } from 'vitest';
import { misspelt } from './load.ts';

const known = ['HTTP_PORT', 'HTTP_HOST', 'LOG_LEVEL', 'SHORT'];

describe('misspelt', () => {
  it.each(['HTTP_PRT', 'HTTP_PORTT', 'HTTP_PORR', 'HTTP_PROT', 'HHTTP_PORT', 'TTTP_PORT'])(
    'suggests HTTP_PORT for %s',
    (name) => {
      expect(misspelt(known, { [name]: '1' })).toEqual([
        { path: name, message: 'is not a setting: did you mean HTTP_PORT?' },
      ]);
    },
  );

  it.each(['HTTP_PROXY', 'HTTP_POOR1', 'PATH', 'LEVEL_LOG', 'SHORTS', 'HTTP'])('ignores %s', (name) => {
    expect(misspelt(known, { [name]: '1' })).toEqual([]);
  });

  it('ignores a name that is similar to a setting that is set', () => {
    expect(misspelt(known, { HTTP_PORT: '1', HTTP_PORTS: '1' })).toEqual([]);
  });
});
