import { describe, expect, it } from 'vitest';
import { compatibilityFaults, faultsAgainst, incompatibility } from './compatibility.ts';
import { loadSchema, type AvroJson } from './load.ts';

const base = record([
  { name: 'job_id', type: 'string' },
  { name: 'state', type: { type: 'enum', name: 'State', symbols: ['OPEN', 'CLOSED'] } },
]);

function record(fields: readonly AvroJson[]): AvroJson {
  return { type: 'record', name: 'Example', fields };
}

/** Returns the base with more fields, by default with its second field. */
function changed(more: readonly AvroJson[], state = true): AvroJson {
  return record([...(base as { fields: AvroJson[] }).fields.slice(0, state ? 2 : 1), ...more]);
}

describe('compatibility check', () => {
  it('accepts the schemas against their released versions', () => {
    expect(compatibilityFaults()).toEqual([]);
  });

  it('accepts a new field with a default in both directions', () => {
    const current = changed([{ name: 'note', type: ['null', 'string'], default: null }]);
    expect(faultsAgainst('example', current, [base])).toEqual([]);
  });

  it('reports a new field without a default, because new readers fail on old events', () => {
    const faults = faultsAgainst('example', changed([{ name: 'note', type: 'string' }]), [base]);
    expect(faults).toEqual([
      expect.stringMatching(/^example: new readers fail on events of version 1: .*note/s),
    ]);
  });

  it('reports a removed field without a default, because old readers fail on new events', () => {
    const faults = faultsAgainst('example', changed([], false), [base]);
    expect(faults).toEqual([
      expect.stringMatching(/^example: readers of version 1 fail on new events: .*state/s),
    ]);
  });

  it('reports a changed type in both directions', () => {
    const current = record([
      { name: 'job_id', type: 'long' },
      { name: 'state', type: 'string' },
    ]);
    const faults = faultsAgainst('example', current, [base]);
    expect(faults).toHaveLength(2);
    expect(faults[0]).toMatch(/new readers fail/);
    expect(faults[1]).toMatch(/readers of version 1 fail/);
  });

  it('reports a new enum symbol, because old readers do not know it', () => {
    const current = record([
      { name: 'job_id', type: 'string' },
      { name: 'state', type: { type: 'enum', name: 'State', symbols: ['OPEN', 'CLOSED', 'LOST'] } },
    ]);
    expect(incompatibility(current, base)).toBeUndefined();
    expect(incompatibility(base, current)).toBeDefined();
  });

  it('compares with every released version, not only with the last one', () => {
    const second = changed([{ name: 'note', type: 'string', default: '' }]);
    const third = changed([{ name: 'note', type: ['null', 'long'], default: null }]);
    const faults = faultsAgainst('example', third, [base, second]);
    expect(faults.every((fault) => fault.includes('version 2'))).toBe(true);
    expect(faults).toHaveLength(2);
  });

  it('reports a record that was never released', () => {
    expect(faultsAgainst('example', base, [])).toEqual([
      'example: no released version; run npm run schemas -- release',
    ]);
  });

  it('reports two events of different records as incompatible', () => {
    const reason = incompatibility(loadSchema('export.completed'), loadSchema('export.progress'));
    expect(reason).toBeDefined();
  });
});
