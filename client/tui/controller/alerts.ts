import type { RoomId } from '../../../src/protocol/ids.ts';
import { foldName } from '../../../src/protocol/names.ts';
import type { RoomMessage } from '../../sdk/rooms/room-events.ts';
import { visibleLine } from '../../terminal/visible-text.ts';
import type { Notify } from '../config/config-keys.ts';
import { mentions } from '../model/entry.ts';
import { activeRoom, type Model, roomOf } from '../model/model.ts';

export interface AlertTarget {
  ring(): void;
  notify(text: string): void;
  title(text: string): void;
}

/** Mentions ring, and the title of the window counts them. */
export class Alerts {
  readonly #target: AlertTarget;
  readonly #notify: Notify;
  #title: string | undefined;

  constructor(target: AlertTarget, notify: Notify) {
    this.#target = target;
    this.#notify = notify;
  }

  /** Messages came live; the model has them already. */
  came(model: Model, id: RoomId, messages: readonly RoomMessage[]): void {
    const { me } = model;
    const room = roomOf(model, id);
    if (me === undefined || room === undefined) return;
    const mention = messages.find(
      (message) =>
        message.type === 'message' &&
        message.user !== me.id &&
        message.status === 'ok' &&
        !model.ignored.has(foldName(message.from)) &&
        mentions(message.text ?? '', me.user),
    );
    if (mention !== undefined && this.#notify === 'bell') this.#target.ring();
    if (mention !== undefined && this.#notify === 'osc9')
      this.#target.notify(visibleLine(`${mention.from} mentions you in ${room.name}`));
    this.seen(model);
  }

  /** What the title says changes with what is read. */
  seen(model: Model): void {
    const waiting = model.rooms.reduce((sum, room) => sum + room.mentions, 0);
    const room = activeRoom(model);
    const name = room === undefined ? 'Conclave' : `${room.name} – Conclave`;
    const title = waiting > 0 ? `(${waiting}) ${name}` : name;
    if (title === this.#title) return;
    this.#title = title;
    this.#target.title(visibleLine(title));
  }
}
