import { visibleLine } from '../../terminal/visible-text.ts';
import { activeRoom, type Model } from '../model/model.ts';

/** What the terminal calls its window: the room that is shown, after the number of mentions that nobody has read. */
export function windowTitle(model: Model): string {
  const waiting = model.rooms.reduce((sum, room) => sum + room.mentions, 0);
  const room = activeRoom(model);
  const name = room === undefined ? 'Conclave' : `${room.name} – Conclave`;
  return visibleLine(waiting > 0 ? `(${waiting}) ${name}` : name);
}
