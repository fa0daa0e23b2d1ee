import { describe, expect, it } from 'vitest';
import { brokerList } from './client.ts';

describe('brokerList', () => {
  it('splits a text at commas, with or without spaces', () => {
    expect(brokerList('a:1, b:2,,c:3 ')).toEqual(['a:1', 'b:2', 'c:3']);
  });
});
