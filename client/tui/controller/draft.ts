import { type EditAction, edit, insertText } from '../editor/edit.ts';
import { type EditorState, emptyEditor } from '../editor/editor-state.ts';
import { beginSearch, searchFor, searchOlder } from '../editor/history-search.ts';
import type { InputHistory } from '../editor/input-history.ts';
import type { ActionId } from '../keys/actions.ts';
import type { TypedEvent } from '../keys/key-reader.ts';
import { activeRoom, type Model, withRoom } from '../model/model.ts';
import type { InputHistories } from './input-histories.ts';
import type { Store } from './store.ts';

/** What is typed in the room that is shown, and what was typed before. */
export class Draft {
  readonly #store: Store;
  readonly #changed: () => void;
  readonly #histories: InputHistories;

  constructor(store: Store, histories: InputHistories, changed: () => void = () => undefined) {
    this.#store = store;
    this.#histories = histories;
    this.#changed = changed;
  }

  get text(): string {
    return this.state.text;
  }

  get state(): EditorState {
    const { model } = this.#store;
    return activeRoom(model)?.draft ?? model.lobbyDraft;
  }

  change(change: (editor: EditorState) => EditorState): void {
    this.#store.change((model) => withDraft(model, change));
    this.#changed();
  }

  /** Up on the first line and Down on the last lead through what was sent before. */
  edit(action: EditAction): void {
    const before = this.state;
    const after = edit(before, action);
    if (after !== before || (action !== 'up' && action !== 'down')) {
      this.change(() => after);
      return;
    }
    this.recall(action === 'up' ? 'older' : 'newer', this.#histories.of(this.#store.model.active));
  }

  /** What was written before or after; by default in any room. */
  recall(which: 'older' | 'newer', history: InputHistory = this.#histories.all): void {
    const found = history[which](this.text);
    if (found !== undefined) this.replace(found);
  }

  replace(text: string): void {
    this.change((editor) => insertText(edit(editor, 'clear'), text));
  }

  /** Empties the input and remembers what was in it. */
  take(): string {
    const { text } = this;
    this.#histories.add(this.#store.model.active, text);
    this.change(() => emptyEditor);
    return text;
  }

  /** Empties the input; nothing of it can be had back. */
  forget(): void {
    this.change(() => emptyEditor);
  }

  beginSearch(): void {
    this.#store.change((model) => ({ ...model, search: beginSearch(this.#histories.all.entries) }));
  }

  /** What a key does while the history is searched; false when it is for somebody else. */
  searchKey(event: TypedEvent, action: ActionId | undefined): boolean {
    const { search } = this.#store.model;
    if (search === undefined) return false;
    if (event.type !== 'key') {
      const query = search.query + event.text.replace(/\s+/g, ' ');
      this.#store.change((model) => ({ ...model, search: searchFor(search, query) }));
      return true;
    }
    switch (action) {
      case 'search-history':
        this.#store.change((model) => ({ ...model, search: searchOlder(search) }));
        return true;
      case 'delete-left': {
        const query = [...search.query].slice(0, -1).join('');
        this.#store.change((model) => ({ ...model, search: searchFor(search, query) }));
        return true;
      }
      case 'cancel':
      case 'clear-or-quit':
        this.#end();
        return true;
      default:
        // Any other key takes what was found, and Enter does no more than that.
        if (search.found !== undefined) this.replace(search.found);
        this.#end();
        return action === 'send';
    }
  }

  #end(): void {
    this.#store.change((model) => ({ ...model, search: undefined }));
  }
}

function withDraft(model: Model, change: (editor: EditorState) => EditorState): Model {
  return model.active === undefined
    ? { ...model, lobbyDraft: change(model.lobbyDraft) }
    : withRoom(model, model.active, (room) => ({ ...room, draft: change(room.draft) }));
}
