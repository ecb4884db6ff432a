import type { RoomId, UserId } from '../../../src/protocol/ids.ts';
import { TYPING_SHOWN_MS } from '../../../src/protocol/limits.ts';
import type { UserName } from '../../../src/protocol/names.ts';
import { typed } from '../model/room-changes.ts';
import type { Store } from '../store.ts';

/** Who is typing in one room, until they are silent for a while or have sent what they typed. */
export class Typists {
  readonly #store: Store;
  readonly #room: RoomId;
  /** Each ends what the last notice of one member said. */
  readonly #timers = new Map<UserId, ReturnType<typeof setTimeout>>();

  constructor(store: Store, room: RoomId) {
    this.#store = store;
    this.#room = room;
  }

  begin(user: UserId, name: UserName): void {
    clearTimeout(this.#timers.get(user));
    this.#timers.set(
      user,
      setTimeout(() => this.end(user), TYPING_SHOWN_MS),
    );
    this.#store.change((model) => typed(model, this.#room, user, name));
  }

  end(user: UserId): void {
    if (!this.#timers.has(user)) return;
    clearTimeout(this.#timers.get(user));
    this.#timers.delete(user);
    this.#store.change((model) => typed(model, this.#room, user, undefined));
  }

  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}
