import type { RoomId } from '../../src/protocol/ids.ts';
import { draftOf } from '../chat/input/input.ts';
import type { Model } from '../chat/model/model.ts';
import { edit, insertText } from './editor/edit.ts';
import { type EditorState, emptyEditor } from './editor/editor-state.ts';
import { DEFAULT_HINTS, type KeyHints } from './keys/key-hints.ts';

/** What only a terminal has of the chat. Never changes: a change makes another one. */
export interface ScreenState {
  readonly size: { readonly columns: number; readonly rows: number };
  readonly panelColumns: { readonly rooms: number; readonly members: number };
  readonly panels: { readonly rooms: boolean; readonly members: boolean | 'if-wide' };
  /** On the screen is only what was said, to be selected with the mouse, or a picture that another program draws. */
  readonly bare: 'text' | 'picture' | undefined;
  /** Which keys do what. */
  readonly hints: KeyHints;
  /** The editors of what is typed, by room; undefined: while there is none. */
  readonly drafts: ReadonlyMap<RoomId | undefined, EditorState>;
  /** Of the dialog with its number. */
  readonly dialogInput: DialogInput | undefined;
}

/** What the terminal knows of a dialog beside the dialog. */
export interface DialogInput {
  readonly number: number;
  readonly editor: EditorState;
  /** The first line of a page that is on the screen. */
  readonly top: number;
  /** Which keys answer, once another one was tried. */
  readonly remark: string | undefined;
}

/** Everything that a frame shows. */
export interface ScreenModel extends Model, ScreenState {}

export const emptyScreen: ScreenState = {
  size: { columns: 80, rows: 24 },
  panelColumns: { rooms: 18, members: 20 },
  panels: { rooms: true, members: 'if-wide' },
  bare: undefined,
  hints: DEFAULT_HINTS,
  drafts: new Map(),
  dialogInput: undefined,
};

/** The editor of what is typed in the room that is shown. */
export function draftEditor(model: ScreenModel): EditorState {
  return editorOf(draftOf(model), model.drafts.get(model.active));
}

/** The screen with this editor for the room that is shown; those of rooms that went go. */
export function withDraftEditor(model: ScreenModel, editor: EditorState): ScreenState['drafts'] {
  const rooms = new Set<RoomId | undefined>([undefined, ...model.rooms.map(({ id }) => id)]);
  return new Map([...model.drafts].filter(([id]) => rooms.has(id))).set(model.active, editor);
}

/** What the terminal knows of the dialog that is open. */
export function dialogInputOf({ dialog, dialogInput }: ScreenModel): DialogInput {
  const number = dialog?.number ?? 0;
  const fresh = { number, editor: emptyEditor, top: 0, remark: undefined };
  const known = dialogInput?.number === number ? dialogInput : fresh;
  const text = dialog?.kind === 'prompt' ? dialog.text : dialog?.kind === 'picker' ? dialog.query : '';
  const editor = editorOf(text, known.editor);
  return editor === known.editor ? known : { ...known, editor };
}

/** The editor of a text. Where the application has put another one in its place, the cursor is behind that. */
function editorOf(text: string, known: EditorState = emptyEditor): EditorState {
  if (known.text === text) return known;
  return text === '' ? emptyEditor : insertText(edit(known, 'clear'), text);
}
