import type { RoomId, UserId } from '../../../src/protocol/ids.ts';
import type { UserName } from '../../../src/protocol/names.ts';
import type { RoomMessage } from '../../sdk/rooms/room-events.ts';
import { type Echo, entryOf, isIgnored, type Tone } from './entry.ts';
import { type Model, withRoom } from './model.ts';
import { readToEnd, seen, withLineCounted } from './reading.ts';
import { type Anchor, counted, type Stretch } from './room-model.ts';
import { withCutPage, withEcho, withEchoChange, withNewer, withOlder, withoutEcho } from './timeline.ts';

export interface HistoryChunk {
  readonly messages: readonly RoomMessage[];
  readonly through: number;
  readonly more: boolean;
}

/** Messages that came live. */
export function received(model: Model, id: RoomId, messages: readonly RoomMessage[]): Model {
  const { me } = model;
  if (me === undefined) return model;
  const entries = messages.map((message) => entryOf(message, me));
  const others = entries.filter(
    (entry) => entry.kind === 'message' && !entry.own && !isIgnored(entry.from, model.ignored),
  ).length;
  return withRoom(model, id, (room) => {
    const anchored = room.anchor !== undefined;
    const timeline = withNewer(room.timeline, entries, anchored);
    return counted({ ...room, timeline, below: anchored ? room.below + others : 0 }, model.ignored);
  });
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

/** A page of what is older than everything loaded. */
export function receivedOlder(model: Model, id: RoomId, page: HistoryChunk): Model {
  const { me } = model;
  if (me === undefined) return model;
  const entries = page.messages.map((message) => entryOf(message, me));
  return withRoom(model, id, (room) => {
    const timeline = withOlder(room.timeline, { entries, through: page.through, complete: !page.more });
    return withLineCounted(counted({ ...room, timeline }, model.ignored), model.ignored);
  });
}

/** A page of what follows after the cut. */
export function receivedCut(model: Model, id: RoomId, page: HistoryChunk): Model {
  const { me } = model;
  if (me === undefined) return model;
  const entries = page.messages.map((message) => entryOf(message, me));
  return withRoom(model, id, (room) =>
    counted(
      { ...room, timeline: withCutPage(room.timeline, { ...page, entries }), loading: false },
      model.ignored,
    ),
  );
}

/** Something happened in the room. */
export function happened(model: Model, id: RoomId, text: string, tone: Tone = 'info'): Model {
  const event = { kind: 'event', at: model.now, text, tone } as const;
  return withRoom(model, id, (room) => ({
    ...room,
    timeline: withNewer(room.timeline, [event], room.anchor !== undefined),
  }));
}

/** Undefined: the newest is in sight. */
export function scrolled(model: Model, id: RoomId, anchor: Anchor | undefined): Model {
  return withRoom(model, id, (room) =>
    anchor === undefined
      ? counted({ ...room, anchor: undefined, below: 0 }, model.ignored)
      : { ...room, anchor },
  );
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

export function echoChanged(
  model: Model,
  id: RoomId,
  key: number,
  change: Partial<Pick<Echo, 'id' | 'state' | 'reason'>>,
): Model {
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
