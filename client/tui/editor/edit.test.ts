import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actions } from '../keys/actions.ts';
import { type EditAction, edit, insertText, isEditAction, replaceRange } from './edit.ts';
import {
  EDITOR_CHARS_MAX,
  type EditorState,
  emptyEditor,
  KILL_RING_MAX,
  UNDO_STEPS_MAX,
} from './editor-state.ts';

/** An editor with this text; the cursor where the bar is, or at the end. */
function editor(marked: string): EditorState {
  const cursor = marked.indexOf('|');
  const text = marked.replace('|', '');
  return { ...emptyEditor, text, cursor: cursor < 0 ? text.length : cursor };
}

function done(start: EditorState | string, ...steps: readonly EditAction[]): EditorState {
  return steps.reduce(edit, typeof start === 'string' ? editor(start) : start);
}

function shown({ text, cursor }: EditorState): string {
  return `${text.slice(0, cursor)}|${text.slice(cursor)}`;
}

describe('the cursor', () => {
  it('goes over characters as people see them', () => {
    expect(shown(done('a👩‍👩‍👧', 'left'))).toBe('a|👩‍👩‍👧');
    expect(shown(done('|e\u0301x', 'right'))).toBe('e\u0301|x');
    expect(shown(done('|🇩🇪🇫🇷', 'right'))).toBe('🇩🇪|🇫🇷');
    expect(shown(done('|a', 'left'))).toBe('|a');
    expect(shown(done('a|', 'right'))).toBe('a|');
  });

  it('goes over words, in scripts without spaces too', () => {
    expect(shown(done('one, two', 'word-left'))).toBe('one, |two');
    expect(shown(done('one, two', 'word-left', 'word-left'))).toBe('|one, two');
    expect(shown(done('|one, two', 'word-right'))).toBe('one|, two');
    expect(shown(done('|one, two', 'word-right', 'word-right'))).toBe('one, two|');
    expect(shown(done('こんにちは世界', 'word-left'))).toBe('こんにちは|世界');
    expect(shown(done('one\n|two', 'word-left'))).toBe('one|\ntwo');
    expect(shown(done('one|\ntwo', 'word-right'))).toBe('one\n|two');
  });

  it('goes to the ends of its line', () => {
    expect(shown(done('one\ntw|o\nthree', 'line-start'))).toBe('one\n|two\nthree');
    expect(shown(done('one\ntw|o\nthree', 'line-end'))).toBe('one\ntwo|\nthree');
  });

  it('goes up and down in its column, and keeps it over shorter lines', () => {
    expect(shown(done('long line\n\nanother|', 'up'))).toBe('long line\n|\nanother');
    expect(shown(done('long line\n\nanother|', 'up', 'up'))).toBe('long li|ne\n\nanother');
    expect(shown(done('long li|ne\n\nanother one', 'down', 'down'))).toBe('long line\n\nanother| one');
    expect(shown(done('日本語\nabcd|', 'up'))).toBe('日本|語\nabcd');
  });

  it('stays, and the state with it, where a line up or down is not there', () => {
    const state = editor('one|');
    expect(edit(state, 'up')).toBe(state);
    expect(edit(state, 'down')).toBe(state);
  });
});

describe('writing', () => {
  it('inserts at the cursor and makes line ends \\n', () => {
    expect(shown(insertText(editor('a|b'), 'x\r\ny\rz'))).toBe('ax\ny\nz|b');
    expect(shown(done('a|b', 'new-line'))).toBe('a\n|b');
  });

  it('keeps the cursor between characters when what is inserted joins its neighbours', () => {
    expect(shown(insertText(editor('|\u0301x'), 'e'))).toBe('e\u0301|x');
    expect(shown(insertText(editor('👩|👧'), '\u200d'))).toBe('👩\u200d👧|');
  });

  it('takes no more than it holds, and cuts no character in two', () => {
    const full = insertText(emptyEditor, 'x'.repeat(EDITOR_CHARS_MAX - 3));
    expect(insertText(full, 'ab👩').text.length).toBe(EDITOR_CHARS_MAX - 1);
    expect(insertText(full, 'abcdef').text.endsWith('xabc')).toBe(true);
    const over = insertText(full, 'abcdef');
    expect(insertText(over, 'g')).toBe(over);
  });

  it('deletes whole characters', () => {
    expect(shown(done('a👩‍👩‍👧', 'delete-left'))).toBe('a|');
    expect(shown(done('|👩‍👩‍👧a', 'delete-right'))).toBe('|a');
    expect(shown(done('|a', 'delete-left'))).toBe('|a');
  });

  it('puts a completion in the place of what was typed', () => {
    expect(shown(replaceRange(editor('hi @al| there'), 3, 6, '@Alice '))).toBe('hi @Alice | there');
  });
});

describe('what is cut', () => {
  it('comes back', () => {
    expect(shown(done('one two|', 'kill-word-left'))).toBe('one |');
    expect(shown(done('one two|', 'kill-word-left', 'line-start', 'yank'))).toBe('two|one ');
    expect(shown(done('one |two', 'kill-line-left', 'line-end', 'yank'))).toBe('twoone |');
    expect(shown(done('|one two', 'kill-word-right'))).toBe('| two');
    expect(shown(done('a|b\nc', 'kill-line-right'))).toBe('a|\nc');
    expect(shown(done('a|\nc', 'kill-line-right'))).toBe('a|c');
  });

  it('in a row comes back as one, in its order', () => {
    const cut = done('one two three|', 'kill-word-left', 'kill-word-left', 'kill-word-left');
    expect(shown(edit(cut, 'yank'))).toBe('one two three|');
    const around = done('one |two', 'kill-word-left', 'kill-word-right');
    expect(shown(edit(around, 'yank'))).toBe('one two|');
  });

  it('before it comes in its place when asked for at once', () => {
    const cut = done('one two|', 'kill-word-left', 'left', 'line-end', 'kill-word-left');
    expect(cut.killed).toEqual(['one ', 'two']);
    expect(shown(done(cut, 'yank', 'yank-older'))).toBe('two|');
    expect(shown(done(cut, 'yank', 'yank-older', 'yank-older'))).toBe('one |');
    expect(shown(done(cut, 'yank', 'left', 'yank-older'))).toBe('one| ');
  });

  it('is kept to a limit', () => {
    let state = emptyEditor;
    for (let count = 0; count < KILL_RING_MAX + 5; count += 1)
      state = done(insertText(state, `w${count}`), 'kill-line-left');
    expect(state.killed).toHaveLength(KILL_RING_MAX);
  });

  it('was nothing: nothing changes', () => {
    for (const action of ['kill-line-left', 'kill-word-left', 'yank', 'yank-older'] as const)
      expect(shown(done('|x', action))).toBe('|x');
  });
});

describe('undo', () => {
  it('takes back words as they were typed, and every other change alone', () => {
    let state = emptyEditor;
    for (const letter of 'one two') state = insertText(state, letter);
    expect(shown(edit(state, 'undo'))).toBe('one |');
    expect(shown(done(state, 'undo', 'undo'))).toBe('one|');
    expect(shown(done(state, 'undo', 'undo', 'undo'))).toBe('|');
    expect(shown(done(state, 'clear', 'undo'))).toBe('one two|');
    expect(shown(done(state, 'kill-word-left', 'undo'))).toBe('one two|');
  });

  it('ends where it began, and is kept to a limit', () => {
    expect(shown(done('|', 'undo'))).toBe('|');
    let state = emptyEditor;
    for (let count = 0; count < UNDO_STEPS_MAX + 5; count += 1) state = insertText(state, ' ');
    expect(state.undo).toHaveLength(UNDO_STEPS_MAX);
  });
});

describe('whatever is done', () => {
  const all = [...actions.map(({ id }) => id), 'clear'].filter(isEditAction);
  const step = fc.oneof(
    fc.constantFrom(...all),
    fc
      .array(
        fc.constantFrom(
          'a',
          ' ',
          '\n',
          '\r\n',
          '\r',
          'é',
          'e',
          '\u0301',
          '👩',
          '\u200d',
          '👧',
          '🇩',
          '🇪',
          '日',
          '한',
          '\ud800',
        ),
        { maxLength: 4 },
      )
      .map((parts) => ({ insert: parts.join('') })),
  );

  it('has every editing key', () => {
    expect(all).toHaveLength(19);
  });

  it('the cursor is between two characters, the limits hold, and undo leads back', () => {
    const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let state = emptyEditor;
        for (const action of steps) {
          state = typeof action === 'string' ? edit(state, action) : insertText(state, action.insert);
          const borders = [...graphemes.segment(state.text)].map(({ index }) => index);
          expect([...borders, state.text.length]).toContain(state.cursor);
          expect(state.text).not.toContain('\r');
        }
        for (let left = state.undo.length; left > 0; left -= 1) state = edit(state, 'undo');
        expect(state.text).toBe('');
      }),
    );
  });
});
