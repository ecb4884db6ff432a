import type { Input } from '../../chat/input/input.ts';
import { type EditAction, edit } from '../editor/edit.ts';
import type { EditorState } from '../editor/editor-state.ts';
import type { ActionId } from '../keys/actions.ts';
import type { TypedEvent } from '../keys/key-reader.ts';
import { draftEditor, withDraftEditor } from '../screen-model.ts';
import type { ScreenStore } from '../screen-store.ts';

/** Edits what is typed in the room that is shown. */
export class DraftEditor {
  readonly #input: Input;
  readonly #screen: ScreenStore;

  constructor(input: Input, screen: ScreenStore) {
    this.#input = input;
    this.#screen = screen;
  }

  get state(): EditorState {
    return draftEditor(this.#screen.model);
  }

  change(change: (editor: EditorState) => EditorState): void {
    const editor = change(this.state);
    this.#screen.change({ drafts: withDraftEditor(this.#screen.model, editor) });
    this.#input.change(editor.text);
  }

  get isEmpty(): boolean {
    return this.state.text === '';
  }

  /** Up on the first line and Down on the last lead through what was sent before. */
  edit(action: EditAction): void {
    const before = this.state;
    const after = edit(before, action);
    if (after !== before || (action !== 'up' && action !== 'down')) this.change(() => after);
    else this.#input.recall(action === 'up' ? 'older' : 'newer', 'here');
  }

  /** What a key does while the history is searched; false when it is for somebody else. */
  searchKey(event: TypedEvent, action: ActionId | undefined): boolean {
    const { search } = this.#screen.model;
    if (search === undefined) return false;
    if (event.type !== 'key') {
      this.#input.searchFor(search.query + event.text.replace(/\s+/g, ' '));
      return true;
    }
    switch (action) {
      case 'search-history':
        this.#input.searchOlder();
        return true;
      case 'delete-left':
        this.#input.searchFor([...search.query].slice(0, -1).join(''));
        return true;
      case 'cancel':
      case 'clear-or-quit':
        this.#input.endSearch('cancel');
        return true;
      default:
        // Any other key takes what was found, and Enter does no more than that.
        this.#input.endSearch('take');
        return action === 'send';
    }
  }
}
