import type { RoomId } from '../../../src/protocol/ids.ts';
import { type Disappeared, type DisappearingMessages, expiringOf } from './disappearing-messages.ts';
import type { MessageSearch } from './message-search.ts';
import type { KeptRoom, RoomMessage } from './room-events.ts';

interface KeptRoomOptions {
  readonly id: RoomId;
  readonly search: MessageSearch;
  readonly disappearing: DisappearingMessages;
  gone(messages: readonly Disappeared[]): void;
}

export class KeptRoomHandle implements KeptRoom {
  readonly id: RoomId;
  readonly #options: KeptRoomOptions;

  constructor(options: KeptRoomOptions) {
    this.id = options.id;
    this.#options = options;
  }

  async messages(limit: number): Promise<readonly RoomMessage[]> {
    const { disappearing, gone, search } = this.#options;
    // Until the room is opened, which is told then.
    await disappearing.watch(this.id, gone);
    return search.newest(this.id, limit);
  }

  shown(messages: readonly RoomMessage[]): Promise<void> {
    return this.#options.disappearing.shown(messages.flatMap((message) => expiringOf(this.id, message)));
  }
}
