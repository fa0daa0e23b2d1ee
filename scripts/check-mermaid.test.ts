import { describe, expect, it } from 'vitest';
import { diagramFaults } from './check-mermaid.ts';

const document = (diagram: string): string => `# Title\n\n\`\`\`mermaid\n${diagram}\n\`\`\`\n`;

describe('diagramFaults', () => {
  it('returns the number of diagrams and no fault for a valid diagram [R17]', async () => {
    expect(await diagramFaults('a.md', document('flowchart LR\n  a --> b'))).toEqual({
      diagrams: 1,
      faults: [],
    });
  });

  it('returns the file and line of a diagram that does not parse [R17]', async () => {
    const { faults } = await diagramFaults('a.md', document('flowchart LR\n  a --'));
    expect(faults).toEqual([expect.stringMatching(/^a\.md:3: /)]);
  });
});
