import type { RoomId } from '../../../src/protocol/ids.ts';
import type { RoomMessage } from '../../sdk/rooms/room-events.ts';
import { visibleLine } from '../../terminal/visible-text.ts';
import type { Notify } from '../config/config-keys.ts';
import { isIgnored, mentions } from '../model/entry.ts';
import { type Model, roomOf } from '../model/model.ts';

export interface AlertTarget {
  ring(): void;
  notify(text: string): void;
}

/** A mention rings, or is told by the terminal. */
export class Alerts {
  readonly #target: AlertTarget;
  readonly #notify: Notify;

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
        !isIgnored(message.from, model.ignored) &&
        mentions(message.text ?? '', me.user),
    );
    if (mention === undefined) return;
    if (this.#notify === 'bell') this.#target.ring();
    else if (this.#notify === 'osc9')
      this.#target.notify(visibleLine(`${mention.from} mentions you in ${room.name}`));
  }
}
