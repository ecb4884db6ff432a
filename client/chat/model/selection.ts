import type { RoomId } from '../../../src/protocol/ids.ts';
import { type Entry, type Ignored, isIgnored, type MessageEntry } from './entry.ts';
import { type Model, withRoom } from './model.ts';
import type { Intent, RoomModel } from './room-model.ts';

/** The message that somebody chose to act on; undefined: none, or it is not loaded any more. */
export function selectedMessage(room: RoomModel | undefined): MessageEntry | undefined {
  return room?.selected === undefined ? undefined : messageAt(room, room.selected);
}

export function messageAt({ timeline }: RoomModel, seq: number): MessageEntry | undefined {
  const entry = timeline.entries.findLast((each) => each.kind === 'message' && each.seq === seq);
  return entry?.kind === 'message' ? entry : undefined;
}

/** The message above (-1) or below (1) the one that is selected; without one, the newest. Those that are hidden are passed over. */
export function neighbour(room: RoomModel, step: 1 | -1, ignored: Ignored): MessageEntry | undefined {
  const { entries } = room.timeline;
  const selected = selectedMessage(room);
  const isLeft = (entry: Entry): entry is MessageEntry =>
    entry.kind === 'message' &&
    !isIgnored(entry.from, ignored) &&
    (selected === undefined || (step === 1 ? entry.seq > selected.seq : entry.seq < selected.seq));
  return selected !== undefined && step === 1 ? entries.find(isLeft) : entries.findLast(isLeft);
}

export function withSelected(model: Model, id: RoomId, selected: number | undefined): Model {
  return withRoom(model, id, (room) => (room.selected === selected ? room : { ...room, selected }));
}

/** What is typed is for this message from now on; nothing is selected any more. */
export function withIntent(model: Model, id: RoomId, intent: Intent | undefined): Model {
  return withRoom(model, id, (room) => ({ ...room, intent, selected: undefined }));
}

/** What of the input is worth keeping: the text of an edit is nothing without its message. */
export function keptDraft({ draft, intent }: RoomModel): string {
  return intent?.kind === 'edit' ? intent.before : draft;
}
