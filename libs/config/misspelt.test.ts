import { describe, expect, it } from 'vitest';
import { misspelt } from './load.ts';

const known = ['HTTP_PORT', 'HTTP_HOST', 'LOG_LEVEL', 'SHORT'];

describe('misspelt settings', () => {
  it.each(['HTTP_PRT', 'HTTP_PORTT', 'HTTP_PORR', 'HTTP_PROT', 'HHTTP_PORT', 'TTTP_PORT'])(
    'says that %s was meant to be HTTP_PORT',
    (name) => {
      expect(misspelt(known, { [name]: '1' })).toEqual([
        { path: name, message: 'is not a setting: did you mean HTTP_PORT?' },
      ]);
    },
  );

  it.each(['HTTP_PROXY', 'HTTP_POOR1', 'PATH', 'LEVEL_LOG', 'SHORTS', 'HTTP'])('lets %s be', (name) => {
    expect(misspelt(known, { [name]: '1' })).toEqual([]);
  });

  it('does not suspect a neighbour of a setting that is set', () => {
    expect(misspelt(known, { HTTP_PORT: '1', HTTP_PORTS: '1' })).toEqual([]);
  });
});
