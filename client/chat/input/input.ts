import { beginSearch, type HistorySearch, searchFor, searchOlder } from '../model/history-search.ts';
import { activeRoom, type Model, withRoom } from '../model/model.ts';
import { lifeIn, type RoomModel } from '../model/room-model.ts';
import type { Store } from '../store.ts';
import type { InputHistories } from './input-histories.ts';

/** What is typed in the room that is shown, and what was written before. */
export class Input {
  readonly #store: Store;
  readonly #changed: () => void;
  readonly #histories: InputHistories;
  #postponed: string | undefined;

  constructor(store: Store, histories: InputHistories, changed: () => void) {
    this.#store = store;
    this.#histories = histories;
    this.#changed = changed;
  }

  get text(): string {
    return draftOf(this.#store.model);
  }

  /** This is typed now. */
  change(text: string): void {
    this.#postponed = undefined;
    this.#store.change((model) => withDraft(model, text));
    this.#changed();
  }

  /** Keeps a command that could not run now, to be sent again or changed. */
  postpone(text: string): void {
    this.change(text);
    this.#postponed = text;
  }

  /** True until the text is touched: what is typed next replaces it. */
  get isPostponed(): boolean {
    return this.#postponed !== undefined && this.#postponed === this.text;
  }

  /** What was written before or after, in this room or in any. */
  recall(which: 'older' | 'newer', where: 'here' | 'anywhere'): void {
    const history = where === 'here' ? this.#histories.of(this.#store.model.active) : this.#histories.all;
    const found = history[which](this.text);
    if (found !== undefined) this.change(found);
  }

  /** Empties the input and remembers what was in it, unless that is to disappear. */
  take(): string {
    const { text } = this;
    const { model } = this.#store;
    if (!isPassing(activeRoom(model), text)) this.#histories.add(model.active, text);
    this.change('');
    return text;
  }

  beginSearch(): void {
    this.#search(beginSearch(this.#histories.all.entries));
  }

  /** Searches what was written for this from now on. */
  searchFor(query: string): void {
    const { search } = this.#store.model;
    if (search !== undefined) this.#search(searchFor(search, query));
  }

  searchOlder(): void {
    const { search } = this.#store.model;
    if (search !== undefined) this.#search(searchOlder(search));
  }

  /** `take`: with what was found in the input. */
  endSearch(end: 'take' | 'cancel'): void {
    const found = this.#store.model.search?.found;
    if (end === 'take' && found !== undefined) this.change(found);
    this.#search(undefined);
  }

  #search(search: HistorySearch | undefined): void {
    this.#store.change((model) => ({ ...model, search }));
  }
}

/** Whether what is typed disappears: as a message, or as the new text of one. */
function isPassing(room: RoomModel | undefined, text: string): boolean {
  if (room !== undefined && lifeIn(room) !== undefined) return true;
  const isEdit = room?.intent?.kind === 'edit' || text.startsWith('/edit ');
  const entries = isEdit ? (room?.timeline.entries ?? []) : [];
  return entries.some((entry) => entry.kind === 'message' && entry.own && entry.expires !== undefined);
}

/** What is typed in the room that is shown, or while there is none. */
export function draftOf(model: Model): string {
  return activeRoom(model)?.draft ?? model.lobbyDraft;
}

function withDraft(model: Model, draft: string): Model {
  return model.active === undefined
    ? { ...model, lobbyDraft: draft }
    : withRoom(model, model.active, (room) => (room.draft === draft ? room : { ...room, draft }));
}
