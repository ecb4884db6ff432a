import { type EditAction, edit, insertText, isEditAction } from '../editor/edit.ts';
import { type EditorState, emptyEditor } from '../editor/editor-state.ts';
import type { ActionId } from '../keys/actions.ts';
import type { TypedEvent } from '../keys/key-reader.ts';

/**
 * Text typed while the account connects, for the input that is about to be drawn; at most EDITOR_CHARS_MAX characters. The key that
 * sends only begins a new line here, so nothing is sent that the person has not seen.
 */
export class TypedAhead {
  #editor: EditorState = emptyEditor;

  take(event: TypedEvent, action: ActionId | undefined): void {
    if (event.type !== 'key') this.#editor = insertText(this.#editor, event.text);
    else if (action === 'send') this.#editor = insertText(this.#editor, '\n');
    else if (action !== undefined && isEditAction(action)) this.#edit(action);
  }

  /** Gives the text, and forgets it. */
  handOver(): string {
    const { text } = this.#editor;
    this.#editor = emptyEditor;
    return text.trimEnd();
  }

  #edit(action: EditAction): void {
    this.#editor = edit(this.#editor, action);
  }
}
