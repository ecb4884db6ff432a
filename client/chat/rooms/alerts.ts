import type { RoomId } from '../../../src/protocol/ids.ts';
import type { RoomMessage } from '../../sdk/rooms/room-events.ts';
import type { ShownRoomName } from '../../sdk/shown-room-name.ts';
import { chatTexts } from '../../texts/chat-texts.ts';
import { isIgnored, isMention } from '../model/entry.ts';
import { isWaiting, type Model, roomOf } from '../model/model.ts';
import type { RoomModel } from '../model/room-model.ts';

/** After a mention was told, others in the same room are only counted for so long: a flood of them is no flood of bells. */
export const ALERT_PAUSE_MS = 10_000;

type Tell = (room: ShownRoomName, text: string) => void;

/** Tells of what somebody should hear: mentions, or as the level of the room says. */
export class Alerts {
  readonly #notify: Tell;
  readonly #now: () => number;
  /** When a room was told of last, on the clock of `now`; only those of the last pause are kept. */
  readonly #toldAtMs = new Map<RoomId, number>();

  constructor(notify: Tell, now: () => number = () => performance.now()) {
    this.#notify = notify;
    this.#now = now;
  }

  /** Messages came live; the model has them already. */
  came(model: Model, id: RoomId, messages: readonly RoomMessage[]): void {
    const { me } = model;
    const room = roomOf(model, id);
    if (me === undefined || room === undefined) return;
    // Whoever was not accepted makes no noise.
    if (room.notify === 'none' || isWaiting(model, id) || isLookedAt(model, room)) return;
    const from = messages.find(
      (message) =>
        message.type === 'message' &&
        message.user !== me.id &&
        message.status === 'ok' &&
        !isIgnored(message.from, model.ignored) &&
        (room.notify === 'all' || isMention(message, me)),
    )?.from;
    if (from === undefined || this.#isPausing(id)) return;
    const say = chatTexts.notices[room.notify === 'all' ? 'message_in' : 'mention_in'];
    this.#notify(room.name, say(from, room.name));
  }

  #isPausing(id: RoomId): boolean {
    const now = this.#now();
    for (const [room, atMs] of this.#toldAtMs) if (now - atMs >= ALERT_PAUSE_MS) this.#toldAtMs.delete(room);
    if (this.#toldAtMs.has(id)) return true;
    this.#toldAtMs.set(id, now);
    return false;
  }
}

/** The face says that somebody is there, and the newest messages of the room are in sight. */
function isLookedAt({ active, dialog, focused }: Model, { id, anchor }: RoomModel): boolean {
  return focused === true && active === id && dialog === undefined && anchor === undefined;
}
