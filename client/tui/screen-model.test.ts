import { expect, test } from 'vitest';
import { roomIdOf, sampleModel } from '../../test/support/chat/sample-model.ts';
import { screenOf } from '../../test/support/tui/screen-of.ts';
import { activated, type Model, withoutRoom, withRoom } from '../chat/model/model.ts';
import { edit, insertText } from './editor/edit.ts';
import { emptyEditor } from './editor/editor-state.ts';
import { draftEditor, type ScreenModel, withDraftEditor } from './screen-model.ts';

const [lobby, ops] = [roomIdOf(0), roomIdOf(1)];
const typed = (model: Model, draft: string): Model => withRoom(model, lobby, (room) => ({ ...room, draft }));

/** Somebody has typed this, and gone back to its beginning. */
function editing(text: string): ScreenModel {
  const screen = screenOf(typed(sampleModel(['Lobby', 'Ops']), text));
  const editor = edit(insertText(emptyEditor, text), 'line-start');
  return { ...screen, drafts: withDraftEditor(screen, editor) };
}

test('the cursor stays where it is in what is typed, also while another room is shown', () => {
  const screen = editing('hello');
  expect(draftEditor(screen)).toMatchObject({ text: 'hello', cursor: 0 });
  const elsewhere = { ...screen, ...activated(screen, ops) };
  expect(draftEditor(elsewhere)).toEqual(emptyEditor);
  expect(draftEditor({ ...elsewhere, ...activated(elsewhere, lobby) })).toMatchObject({ cursor: 0 });
});

test('what the application puts in the place of a draft has the cursor behind it, and can be undone', () => {
  const screen = editing('hello');
  const replaced = draftEditor({ ...screen, ...typed(screen, 'said before') });
  expect(replaced).toMatchObject({ text: 'said before', cursor: 11 });
  expect(edit(edit(replaced, 'undo'), 'undo').text).toBe('hello');
  expect(draftEditor({ ...screen, ...typed(screen, '') })).toEqual(emptyEditor);
});

test('the editor of a room that went is not kept', () => {
  const screen = editing('hello');
  const left = { ...screen, ...withoutRoom(screen, lobby) };
  expect([...withDraftEditor(left, emptyEditor).keys()]).toEqual([ops]);
});
