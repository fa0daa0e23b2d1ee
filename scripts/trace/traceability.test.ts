import { describe, expect, it } from 'vitest';
import { taggedTests, traceabilityPage, traceFaults, type Story, type TaggedTest } from './traceability.ts';

const story = (id: string, open?: string): Story => ({
  id,
  text: `Text of ${id}`,
  accepted: 'It works.',
  ...(open === undefined ? {} : { open }),
});

// Built at run time, so that the text of this file contains no tag.
const tag = (id: string): string => `[${id}]`;
const proof = (...ids: string[]): TaggedTest => ({ path: 'a.test.ts', title: 'works', ids });

describe('taggedTests', () => {
  it('returns the tags at the end of the titles of it, it.each and describe', () => {
    const source = [
      `describe('orders ${tag('S01')}', () => {`,
      `  it('works ${tag('S02')} ${tag('R5')}', () => {});`,
      `  it.each([1])('works with %s ${tag('S06-NEG')}', () => {});`,
      `  it(\`works at \${moment} ${tag('R1')}\`, () => {});`,
      '});',
    ].join('\n');
    expect(taggedTests('a.test.ts', source)).toEqual([
      { path: 'a.test.ts', title: 'orders', ids: ['S01'] },
      { path: 'a.test.ts', title: 'works', ids: ['S02', 'R5'] },
      { path: 'a.test.ts', title: 'works with %s', ids: ['S06-NEG'] },
      { path: 'a.test.ts', title: 'works at …', ids: ['R1'] },
    ]);
  });

  it('ignores tags in the middle of a title, in a comment and in another call', () => {
    const source = `it('reads ${tag('S01')} twice', f); // it('works ${tag('S01')}')\nlog('works ${tag('S01')}');`;
    expect(taggedTests('a.test.ts', source)).toEqual([]);
  });
});

describe('traceFaults', () => {
  it('returns nothing if every story is either tested or open', () => {
    expect(traceFaults([story('S01'), story('S02', 'no page')], [proof('S01')])).toEqual([]);
  });

  it('reports a story that has neither a test nor a reason to be open', () => {
    expect(traceFaults([story('S01')], [])).toEqual([expect.stringMatching(/^S01 has no test/)]);
  });

  it('reports a story that is open and has a test', () => {
    expect(traceFaults([story('S01', 'no page')], [proof('S01')])).toEqual([
      expect.stringMatching(/^S01 is open, but a test has its tag/),
    ]);
  });

  it('reports a tag without a story', () => {
    expect(traceFaults([], [proof('R99')])).toEqual(['a.test.ts: "works" has the unknown tag [R99].']);
  });

  it('reports an id that is listed twice', () => {
    expect(traceFaults([story('S01', 'x'), story('S01', 'x')], [])).toEqual(['S01 is listed twice.']);
  });
});

describe('traceabilityPage', () => {
  it('lists the tests of a story, or the reason why it is open', () => {
    const page = traceabilityPage([story('S01'), story('S02', 'No page.')], [proof('S01')]);
    expect(page).toContain('## S01: Text of S01\n\nIt works.\n\n- [a.test.ts](../a.test.ts): works\n');
    expect(page).toContain('## S02: Text of S02\n\nIt works.\n\n**Open.** No page.\n');
  });
});
