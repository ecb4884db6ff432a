import { expect, test } from 'vitest';
import { beginCycle, turnCycle } from './completion-cycle.ts';
import { emptyEditor } from './editor-state.ts';

const completion = { start: 3, end: 5, candidates: ['Alice ', 'Albert '] };

/** What stands in the editor after each of these steps. */
function cycled(...steps: readonly (1 | -1)[]): readonly string[] {
  const [first = 1, ...more] = steps;
  let cycle = beginCycle({ ...emptyEditor, text: 'hi al', cursor: 5 }, completion, first);
  const seen = [cycle.editor.text];
  for (const step of more) {
    cycle = turnCycle(cycle, step);
    seen.push(cycle.editor.text);
  }
  return seen;
}

test('completions go round, forwards and back, each time from what was typed', () => {
  expect(cycled(1, 1, 1)).toEqual(['hi Alice ', 'hi Albert ', 'hi Alice ']);
  expect(cycled(-1, -1)).toEqual(['hi Albert ', 'hi Alice ']);
});
