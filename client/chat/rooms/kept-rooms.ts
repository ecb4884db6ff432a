import type { RoomId } from '../../../src/protocol/ids.ts';
import type { ConclaveClient } from '../../sdk/api.ts';
import { activeRoom } from '../model/model.ts';
import { disappeared, receivedKept } from '../model/room-changes.ts';
import type { Stretch } from '../model/room-model.ts';
import type { Store } from '../store.ts';
import { PassingMessages } from './passing-messages.ts';

/** Messages of a room that are shown of what the profile kept. */
const SHOWN_MAX = 500;

interface KeptRoomsOptions {
  readonly client: ConclaveClient;
  readonly store: Store;
  report(error: unknown): void;
}

/** What the profile keeps of the user's rooms, shown as long as there is no connection. */
export class KeptRooms {
  readonly #options: KeptRoomsOptions;
  readonly #passing = new Map<RoomId, PassingMessages>();
  #isOver = false;

  constructor(options: KeptRoomsOptions) {
    this.#options = options;
  }

  /** Of the room that is shown, once. */
  async load(): Promise<void> {
    const { client, store } = this.#options;
    const id = activeRoom(store.model)?.id;
    if (id === undefined || this.#passing.has(id)) return;
    const room = client.keptRoom(id, (gone) => store.change((model) => disappeared(model, id, gone)));
    this.#passing.set(id, new PassingMessages(room, store));
    const messages = await room.messages(SHOWN_MAX);
    // It may be open by now.
    if (!this.#isOver) store.change((model) => receivedKept(model, id, messages));
  }

  /** These positions of the room that is shown are before somebody's eyes. */
  looked(at: Stretch): void {
    const { report, store } = this.#options;
    const id = activeRoom(store.model)?.id;
    const passing = id === undefined ? undefined : this.#passing.get(id);
    passing?.looked(at).catch(report);
  }

  /** There is a connection. */
  end(): void {
    this.#isOver = true;
  }
}
