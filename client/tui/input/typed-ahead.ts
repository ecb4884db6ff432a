import { type EditAction, edit, insertText, isEditAction } from '../editor/edit.ts';
import { type EditorState, emptyEditor } from '../editor/editor-state.ts';
import type { ActionId } from '../keys/actions.ts';
import type { TypedEvent } from '../keys/key-reader.ts';

/** Fewer characters may begin anything. */
const BEGINNING_CHARS_MIN = 4;

/**
 * Text typed while there is nothing to type it into, for the input that is about to be drawn; at most EDITOR_CHARS_MAX characters.
 * The key that sends only begins a new line here, so nothing is sent that the person has not seen.
 */
export class TypedAhead {
  #editor: EditorState = emptyEditor;
  #secret = '';

  take(event: TypedEvent, action: ActionId | undefined): void {
    if (event.type !== 'key') this.#editor = insertText(this.#editor, event.text);
    else if (action === 'send') this.#editor = insertText(this.#editor, '\n');
    else if (action !== undefined && isEditAction(action)) this.#edit(action);
  }

  /** What was answered to a question that hides it: whoever answers twice in haste does not want to see it. */
  keepOut(secret: string): void {
    this.#secret = secret;
  }

  /** A question opens, for which it may have been meant. */
  drop(): void {
    this.#editor = emptyEditor;
  }

  /** Gives the text, and forgets it. */
  handOver(): string {
    const text = this.#editor.text.trimEnd();
    const isAnswer = this.#isSecret(text);
    this.#secret = '';
    this.drop();
    return isAnswer ? '' : text;
  }

  #isSecret(text: string): boolean {
    if (this.#secret === '') return false;
    return (
      text.includes(this.#secret) || (text.length >= BEGINNING_CHARS_MIN && this.#secret.startsWith(text))
    );
  }

  #edit(action: EditAction): void {
    this.#editor = edit(this.#editor, action);
  }
}
