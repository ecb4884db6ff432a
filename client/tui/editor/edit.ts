import { textWidth } from '../../terminal/text-width.ts';
import {
  EDITOR_CHARS_MAX,
  type EditorState,
  KILL_RING_MAX,
  type LastAction,
  UNDO_STEPS_MAX,
} from './editor-state.ts';
import {
  borderAfter,
  borderBefore,
  borderFrom,
  lineEnd,
  lineStart,
  wordAfter,
  wordBefore,
} from './text-borders.ts';

const edits = {
  left: (state) => moved(state, borderBefore(state.text, state.cursor)),
  right: (state) => moved(state, borderAfter(state.text, state.cursor)),
  'word-left': (state) => moved(state, wordBefore(state.text, state.cursor)),
  'word-right': (state) => moved(state, wordAfter(state.text, state.cursor)),
  'line-start': (state) => moved(state, lineStart(state.text, state.cursor)),
  'line-end': (state) => moved(state, lineEnd(state.text, state.cursor)),
  up: (state) => {
    const start = lineStart(state.text, state.cursor);
    return start === 0 ? state : vertical(state, lineStart(state.text, start - 1));
  },
  down: (state) => {
    const end = lineEnd(state.text, state.cursor);
    return end === state.text.length ? state : vertical(state, end + 1);
  },
  'new-line': (state) => insertText(state, '\n'),
  'delete-left': (state) =>
    replaced(state, borderBefore(state.text, state.cursor), state.cursor, '', { type: 'change' }),
  'delete-right': (state) =>
    replaced(state, state.cursor, borderAfter(state.text, state.cursor), '', { type: 'change' }),
  'kill-word-left': (state) => killed(state, wordBefore(state.text, state.cursor), state.cursor),
  'kill-word-right': (state) => killed(state, state.cursor, wordAfter(state.text, state.cursor)),
  'kill-line-left': (state) => killed(state, lineStart(state.text, state.cursor), state.cursor),
  'kill-line-right': (state) => {
    const end = lineEnd(state.text, state.cursor);
    // At the end of a line it is the line end that goes.
    return killed(state, state.cursor, end === state.cursor ? Math.min(end + 1, state.text.length) : end);
  },
  yank: (state) => yanked(state, state.cursor, state.cursor, 0),
  'yank-older': (state) => {
    if (state.last.type !== 'yank') return state;
    const { start, end, index } = state.last;
    return yanked(state, start, end, (index + 1) % state.killed.length);
  },
  undo: (state) => {
    const [before, ...undo] = state.undo;
    return before === undefined ? state : { ...state, ...before, undo, last: { type: 'move' } };
  },
  clear: (state) => replaced(state, 0, state.text.length, '', { type: 'change' }),
} as const satisfies Record<string, (state: EditorState) => EditorState>;

/** The ids are those of the table of actions, and `clear`. */
export type EditAction = keyof typeof edits;

export function isEditAction(id: string): id is EditAction {
  return Object.hasOwn(edits, id);
}

/** The same object when there is nothing to do: so `up` on the first line is free to mean something else. */
export function edit(state: EditorState, action: EditAction): EditorState {
  return edits[action](state);
}

/** At the cursor. What is over EDITOR_CHARS_MAX is left away; line ends become \n. */
export function insertText(state: EditorState, text: string): EditorState {
  return replaced(state, state.cursor, state.cursor, text, { type: 'insert' });
}

/** One step of undo: completions, and what comes from elsewhere. The cursor is after the new text. */
export function replaceRange(state: EditorState, start: number, end: number, text: string): EditorState {
  return replaced(state, start, end, text, { type: 'change' });
}

function moved(state: EditorState, to: number): EditorState {
  const cursor = borderFrom(state.text, to);
  return cursor === state.cursor ? state : { ...state, cursor, last: { type: 'move' } };
}

/** To the line that begins at `start`, as near to the column as it goes. */
function vertical(state: EditorState, start: number): EditorState {
  const { text } = state;
  const column =
    state.last.type === 'vertical'
      ? state.last.column
      : textWidth(text.slice(lineStart(text, state.cursor), state.cursor));
  const end = lineEnd(text, start);
  let cursor = start;
  while (cursor < end) {
    const next = borderAfter(text, cursor);
    if (textWidth(text.slice(start, next)) > column) break;
    cursor = next;
  }
  return { ...state, cursor, last: { type: 'vertical', column } };
}

function killed(state: EditorState, start: number, to: number): EditorState {
  const end = borderFrom(state.text, to);
  const from = borderFrom(state.text, start);
  if (from >= end) return state;
  const cut = state.text.slice(from, end);
  const [before = '', ...older] = state.killed;
  // Cuts in a row are one, so that one yank brings all of it back.
  const ring =
    state.last.type === 'kill'
      ? [from < state.cursor ? cut + before : before + cut, ...older]
      : [cut, ...state.killed].slice(0, KILL_RING_MAX);
  return { ...replaced(state, from, end, '', { type: 'kill' }), killed: ring };
}

function yanked(state: EditorState, start: number, end: number, index: number): EditorState {
  const text = state.killed[index];
  if (text === undefined) return state;
  const next = replaced(state, start, end, text, { type: 'change' });
  const grown = next.text.length - state.text.length;
  return { ...next, last: { type: 'yank', start, end: end + grown, index } };
}

function replaced(
  state: EditorState,
  start: number,
  end: number,
  insert: string,
  last: LastAction,
): EditorState {
  const lines = insert.replace(/\r\n?/g, '\n');
  const room = EDITOR_CHARS_MAX - (state.text.length - (end - start));
  const fitting = lines.length <= room ? lines : lines.slice(0, borderBefore(lines, room + 1));
  if (start === end && fitting === '') return state;
  const text = state.text.slice(0, start) + fitting + state.text.slice(end);
  // What was inserted or what came together may be one character with its neighbour.
  const cursor = borderFrom(text, start + fitting.length);
  return { text, cursor, killed: state.killed, undo: undoAfter(state, fitting, last), last };
}

/** Letters typed one after another are one step. */
function undoAfter(state: EditorState, inserted: string, last: LastAction): EditorState['undo'] {
  const goesOn =
    last.type === 'insert' &&
    state.last.type === 'insert' &&
    !/\s/.test(inserted) &&
    !/\s$/.test(state.text.slice(0, state.cursor));
  if (goesOn) return state.undo;
  return [{ text: state.text, cursor: state.cursor }, ...state.undo].slice(0, UNDO_STEPS_MAX);
}
