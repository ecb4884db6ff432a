import { ConclaveError } from '../../sdk/errors.ts';
import { chatTexts } from '../../texts/chat-texts.ts';
import type { MessageEntry } from '../model/entry.ts';
import { activeRoom, roomOf, withRoom } from '../model/model.ts';
import { neighbour, selectedMessage, withIntent, withSelected } from '../model/selection.ts';
import type { Store } from '../store.ts';
import { loadDownTo } from './load-down-to.ts';
import type { OpenRooms } from './open-rooms.ts';

/** Which message of the room that is shown somebody wants to do something to. */
export class Selection {
  readonly #store: Store;
  readonly #rooms: OpenRooms;

  constructor(store: Store, rooms: OpenRooms) {
    this.#store = store;
    this.#rooms = rooms;
  }

  get message(): MessageEntry | undefined {
    return selectedMessage(activeRoom(this.#store.model));
  }

  /** The newest message, or the one above the selected one, which is loaded when it has to be. Rejects with ConclaveError. */
  async older(): Promise<void> {
    if (this.#to(-1)) return;
    const { active } = this.#store.model;
    await this.#rooms.active?.history.loadOlder();
    const isHere = this.#store.model.active === active;
    if (isHere && !this.#to(-1) && this.message === undefined)
      throw new ConclaveError('usage', chatTexts.messages.none_loaded);
  }

  /** The one below; below the newest, nothing is selected any more. */
  newer(): void {
    if (this.message !== undefined && !this.#to(1)) this.clear();
  }

  /** The message at a position of the room that is shown. */
  choose(seq: number): void {
    this.#select(seq);
  }

  clear(): void {
    this.#select(undefined);
  }

  /** The message that the selected one answers. Rejects with ConclaveError. */
  async toAnswered(): Promise<void> {
    const { message } = this;
    const session = this.#rooms.active;
    if (message?.answers === undefined || session === undefined)
      throw new ConclaveError('usage', chatTexts.messages.answers_none);
    const { id } = message.answers;
    const found = (): MessageEntry | undefined => {
      const entries = roomOf(this.#store.model, session.room.id)?.timeline.entries ?? [];
      const entry = entries.find((each) => each.kind === 'message' && each.id === id);
      return entry?.kind === 'message' ? entry : undefined;
    };
    await loadDownTo(this.#store, session, () => found() !== undefined);
    const entry = found();
    if (entry === undefined) throw new ConclaveError('usage', chatTexts.messages.not_stored);
    if (activeRoom(this.#store.model)?.id === session.room.id) this.#select(entry.seq);
  }

  /** What is typed is a message of its own again; what was typed before an edit comes back. Whether it was for another message. */
  forgetIntent(): boolean {
    const room = activeRoom(this.#store.model);
    if (room?.intent === undefined) return false;
    const { kind, before } = room.intent;
    this.#store.change((model) => {
      const forgotten = withIntent(model, room.id, undefined);
      return kind === 'reply'
        ? forgotten
        : withRoom(forgotten, room.id, (now) => ({ ...now, draft: before }));
    });
    return true;
  }

  #to(step: 1 | -1): boolean {
    const { model } = this.#store;
    const room = activeRoom(model);
    const next = room && neighbour(room, step, model.ignored);
    if (next !== undefined) this.#select(next.seq);
    return next !== undefined;
  }

  #select(seq: number | undefined): void {
    const { active } = this.#store.model;
    if (active !== undefined) this.#store.change((model) => withSelected(model, active, seq));
  }
}
