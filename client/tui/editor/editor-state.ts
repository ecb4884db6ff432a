/** What is cut can be had back that often. */
export const KILL_RING_MAX = 16;
export const UNDO_STEPS_MAX = 100;
/** Four messages of the greatest length; more is not taken. */
export const EDITOR_CHARS_MAX = 64 * 1024;

export interface Snapshot {
  readonly text: string;
  /** Offset in UTF-16 units, always between two characters as people see them. */
  readonly cursor: number;
}

/** An input of several lines while someone writes. Never changed: every action gives a new one. */
export interface EditorState extends Snapshot {
  /** What was cut, newest first. */
  readonly killed: readonly string[];
  /** Newest first. */
  readonly undo: readonly Snapshot[];
  /** What the action before was, for those that go on with it. */
  readonly last: LastAction;
}

export type LastAction =
  | { readonly type: 'move' | 'change' | 'insert' | 'kill' }
  /** The columns that the cursor had before it went up or down. */
  | { readonly type: 'vertical'; readonly column: number }
  /** Where the inserted text is, and which of the killed ones it is. */
  | { readonly type: 'yank'; readonly start: number; readonly end: number; readonly index: number };

export const emptyEditor: EditorState = {
  text: '',
  cursor: 0,
  killed: [],
  undo: [],
  last: { type: 'move' },
};
