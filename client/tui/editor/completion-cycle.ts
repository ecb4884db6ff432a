import type { Completion } from '../../chat/commands/complete.ts';
import { replaceRange } from './edit.ts';
import type { EditorState } from './editor-state.ts';

/** Completions are offered one after another, until something else is done. */
export interface CompletionCycle {
  readonly completion: Completion;
  /** The candidate that stands in the editor now. */
  readonly index: number;
  /** Before the first candidate. */
  readonly before: EditorState;
  readonly editor: EditorState;
}

/** The editor with the first candidate, or with the last when it goes backwards. */
export function beginCycle(editor: EditorState, completion: Completion, step: 1 | -1): CompletionCycle {
  return cycleAt(completion, step === 1 ? 0 : completion.candidates.length - 1, editor);
}

export function turnCycle({ completion, index, before }: CompletionCycle, step: 1 | -1): CompletionCycle {
  const count = completion.candidates.length;
  return cycleAt(completion, (index + step + count) % count, before);
}

function cycleAt(completion: Completion, index: number, before: EditorState): CompletionCycle {
  const { start, end, candidates } = completion;
  return { completion, index, before, editor: replaceRange(before, start, end, candidates[index] ?? '') };
}
