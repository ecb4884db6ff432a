import { KeyedLock } from '../lib/keyed-mutex.ts';
import { type Broker, roomChannel } from '../ports/broker.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import type { RoomId } from '../protocol/ids.ts';
import { LocalRoom } from './local-room.ts';

/** Called with each payload of a room's channel, in order. Must not throw. */
export type RoomPayloadHandler = (room: LocalRoom, payload: Uint8Array) => void;

/**
 * The rooms that this node receives: exactly those that a local session entered or is about to enter. Subscribing and
 * unsubscribing one room never overlap.
 */
export class LocalRooms {
  readonly #rooms = new Map<RoomId, LocalRoom>();
  readonly #lock = new KeyedLock<RoomId>();
  readonly #broker: Broker;
  readonly #telemetry: Telemetry;
  readonly #onPayload: RoomPayloadHandler;

  constructor(broker: Broker, telemetry: Telemetry, onPayload: RoomPayloadHandler) {
    this.#broker = broker;
    this.#telemetry = telemetry;
    this.#onPayload = onPayload;
  }

  get(room: RoomId): LocalRoom | undefined {
    return this.#rooms.get(room);
  }

  get size(): number {
    return this.#rooms.size;
  }

  all(): LocalRoom[] {
    return [...this.#rooms.values()];
  }

  /** Subscribed when it resolves, and until release(). Throws Unavailable; nothing is held then. */
  hold(room: RoomId): Promise<LocalRoom> {
    return this.#lock.run(room, async () => {
      const known = this.#rooms.get(room);
      const local = known ?? new LocalRoom(room);
      if (known === undefined) {
        await this.#broker.subscribe(roomChannel(room), (payload) => this.#onPayload(local, payload));
        this.#rooms.set(room, local);
        this.#telemetry.roomsOnNode(this.#rooms.size);
      }
      local.holds += 1;
      return local;
    });
  }

  release(local: LocalRoom): void {
    local.holds -= 1;
    this.settle(local);
  }

  /** To be called after a session went out: the last one ends the subscription. */
  settle(local: LocalRoom): void {
    if (!isIdle(local)) return;
    this.#lock
      .run(local.room, () => this.#unsubscribe(local))
      .catch((error: unknown) => this.#telemetry.warn('unsubscribe_failed', error));
  }

  async #unsubscribe(local: LocalRoom): Promise<void> {
    // Someone may have come while the lock was waited for, or this was done already.
    if (!isIdle(local) || this.#rooms.get(local.room) !== local) return;
    this.#rooms.delete(local.room);
    this.#telemetry.roomsOnNode(this.#rooms.size);
    await this.#broker.unsubscribe(roomChannel(local.room));
  }
}

function isIdle(local: LocalRoom): boolean {
  return local.size === 0 && local.holds === 0;
}
