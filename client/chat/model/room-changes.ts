import type { RoomId, UserId } from '../../../src/protocol/ids.ts';
import type { UserName } from '../../../src/protocol/names.ts';
import type { RoomMessage } from '../../sdk/rooms/room-events.ts';
import { needsApplying, withActionsApplied, withDisappeared } from './actions.ts';
import {
  type Echo,
  entryOf,
  isIgnored,
  isToRead,
  type MessageRef,
  type ReaderName,
  refKey,
  type Tone,
} from './entry.ts';
import { withFilesNumbered } from './files.ts';
import { type Model, roomOf, withRoom } from './model.ts';
import { readToEnd, seen, withLineCounted, withOwnRead } from './reading.ts';
import { type Anchor, counted, type Progress, type RoomModel, type Stretch } from './room-model.ts';
import { messageAt } from './selection.ts';
import {
  type EchoChange,
  type Timeline,
  withCutPage,
  withEcho,
  withEchoChange,
  withNewer,
  withOlder,
  withoutEcho,
} from './timeline.ts';

export interface HistoryChunk {
  readonly messages: readonly RoomMessage[];
  readonly through: number;
  readonly more: boolean;
}

/** Messages that came live. */
export function received(model: Model, id: RoomId, messages: readonly RoomMessage[]): Model {
  const { me } = model;
  if (me === undefined) return model;
  const entries = entriesOf(messages, me);
  const others = entries.filter((entry) => isToRead(entry, model.ignored)).length;
  return withRoom(model, id, (room) => {
    const anchored = room.anchor !== undefined;
    const came = withNewer(room.timeline, entries, anchored);
    const applied = needsApplying(came, messages) ? withActionsApplied(came, messages, me) : came;
    const timeline = withFilesNumbered(applied);
    const below = anchored ? room.below + others : 0;
    const now = counted({ ...withTimeline(room, timeline), below }, model.ignored);
    return withOwnRead(now, room, model.ignored);
  });
}

/** What is done to messages is no entry. */
function entriesOf(
  messages: readonly RoomMessage[],
  me: ReaderName,
): ReadonlyArray<ReturnType<typeof entryOf>> {
  return messages.flatMap((message) =>
    message.type === 'message' || message.type === 'gap' ? [entryOf(message, me)] : [],
  );
}

/** What is held in its place may be another entry by now. */
function withTimeline(room: RoomModel, timeline: Timeline): RoomModel {
  const item = room.anchor?.item;
  if (room.anchor === undefined || item === undefined || !('kind' in item) || item.kind !== 'message')
    return { ...room, timeline };
  const now = timeline.entries.find((entry) => entry.kind === 'message' && entry.seq === item.seq);
  return { ...room, timeline, anchor: now === undefined ? room.anchor : { ...room.anchor, item: now } };
}

/** Somebody began to type, or (undefined) may have stopped. */
export function typed(model: Model, id: RoomId, user: UserId, name: UserName | undefined): Model {
  return withRoom(model, id, (room) => {
    if (room.typing.get(user) === name || (name !== undefined && isIgnored(name, model.ignored))) return room;
    const typing = new Map(room.typing);
    if (name === undefined) typing.delete(user);
    else typing.set(user, name);
    return { ...room, typing };
  });
}

function withPageApplied(came: Timeline, messages: readonly RoomMessage[], me: ReaderName): Timeline {
  return withFilesNumbered(withActionsApplied(came, messages, me));
}

/** A page of what is older than everything loaded. */
export function receivedOlder(model: Model, id: RoomId, page: HistoryChunk): Model {
  const { me } = model;
  if (me === undefined) return model;
  const entries = entriesOf(page.messages, me);
  return withRoom(model, id, (room) => {
    const came = withOlder(room.timeline, { entries, through: page.through, complete: !page.more });
    const now = withTimeline(room, withPageApplied(came, page.messages, me));
    return withLineCounted(counted(now, model.ignored), model.ignored);
  });
}

/** What the profile kept of a room, as long as no server is asked. There may be more, also in between. */
export function receivedKept(model: Model, id: RoomId, messages: readonly RoomMessage[]): Model {
  const { me } = model;
  if (me === undefined) return model;
  const entries = entriesOf(messages, me);
  return withRoom(model, id, (room) => {
    const from = Math.max(0, (entries[0]?.seq ?? room.timeline.from + 1) - 1);
    const timeline = withActionsApplied({ ...room.timeline, entries, from, complete: false }, messages, me);
    return counted({ ...room, timeline: withFilesNumbered(timeline), kept: true }, model.ignored);
  });
}

/** A page of what follows after the cut. */
export function receivedCut(model: Model, id: RoomId, page: HistoryChunk): Model {
  const { me } = model;
  if (me === undefined) return model;
  const entries = entriesOf(page.messages, me);
  return withRoom(model, id, (room) => {
    const came = withCutPage(room.timeline, { ...page, entries });
    const now = withTimeline(room, withPageApplied(came, page.messages, me));
    return counted({ ...now, loading: false }, model.ignored);
  });
}

/** Something happened in the room. */
export function happened(model: Model, id: RoomId, text: string, tone: Tone = 'info'): Model {
  const event = { kind: 'event', at: model.now, text, tone } as const;
  return withRoom(model, id, (room) => ({
    ...room,
    timeline: withNewer(room.timeline, [event], room.anchor !== undefined),
  }));
}

/** The room could not be entered; its timeline says why, once for each reason. */
export function notEntered(model: Model, id: RoomId, fault: string): Model {
  const told = roomOf(model, id)?.fault === fault ? model : happened(model, id, fault, 'warning');
  return withRoom(told, id, (room) => ({ ...room, fault }));
}

/** What these said is to be shown no longer, in whichever dialog either. */
export function disappeared(model: Model, id: RoomId, gone: readonly MessageRef[]): Model {
  const { dialog, ignored, me } = model;
  if (me === undefined) return model;
  const now = withRoom(model, id, (room) => {
    const left = counted(withTimeline(room, withDisappeared(room.timeline, gone, me)), ignored);
    const { intent } = left;
    if (intent?.kind !== 'edit' || messageAt(left, intent.seq)?.disappeared !== true) return left;
    return { ...left, intent: undefined, draft: intent.before };
  });
  if (dialog?.kind !== 'picker' || !dialog.excerpts) return now;
  const ids = new Set(gone.map(refKey));
  const items = dialog.items.filter((item) => !ids.has(item.id));
  return items.length === dialog.items.length ? now : { ...now, dialog: { ...dialog, items, selected: 0 } };
}

/** So many members have their key of the epoch that is being made; once all have, nothing is said of it. */
export function keyed(model: Model, id: RoomId, { done, of }: Progress): Model {
  return withRoom(model, id, (room) => ({ ...room, keying: done < of ? { done, of } : undefined }));
}

/** Undefined: the newest is in sight. */
export function scrolled(model: Model, id: RoomId, anchor: Anchor | undefined): Model {
  return withRoom(model, id, (room) =>
    anchor === undefined
      ? counted({ ...room, anchor: undefined, below: 0 }, model.ignored)
      : { ...room, anchor },
  );
}

/** A message that was held in its place is held there again, if it is loaded. */
export function heldAgain(model: Model, id: RoomId, anchor: Anchor | undefined): Model {
  const held = anchor?.item;
  if (anchor === undefined || held === undefined || !('seq' in held)) return model;
  const item = roomOf(model, id)?.timeline.entries.find((entry) => 'seq' in entry && entry.seq === held.seq);
  return item === undefined ? model : scrolled(model, id, { ...anchor, item });
}

/** Sending is an answer: everything counts as read, and the line above it has done its work. */
export function echoed(model: Model, id: RoomId, echo: Echo): Model {
  return withRoom(allRead(model, id), id, (room) => ({
    ...room,
    timeline: withEcho(room.timeline, echo),
    anchor: undefined,
    below: 0,
  }));
}

/** Somebody has no need to see what is unread. */
export function allRead(model: Model, id: RoomId): Model {
  return withRoom(model, id, (room) => ({ ...readToEnd(room, model.ignored), readLine: undefined }));
}

/** These positions of the active room are in sight; undefined: none. */
export function looked(model: Model, shown: Stretch | undefined): Model {
  const { active, ignored } = model;
  return active === undefined ? model : withRoom(model, active, (room) => seen(room, shown, ignored));
}

export function echoChanged(model: Model, id: RoomId, key: number, change: EchoChange): Model {
  return withRoom(model, id, (room) => ({ ...room, timeline: withEchoChange(room.timeline, key, change) }));
}

export function echoDropped(model: Model, id: RoomId, key: number): Model {
  return withRoom(model, id, (room) => ({ ...room, timeline: withoutEcho(room.timeline, key) }));
}

/** Own messages that no server has acknowledged yet, over all rooms. */
export function pendingCount(model: Model): number {
  return model.rooms.reduce(
    (sum, { timeline }) => sum + timeline.echoes.filter(({ state }) => state === 'pending').length,
    0,
  );
}
