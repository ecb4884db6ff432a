import { memberEntry, roomId, roomName, roomPresence } from './entities.ts';
import { RETENTION_DAYS_MAX } from './limits.ts';
import { storedMessage } from './requests.ts';
import { bool, type MapShape, map, oneOf, optional, type Parsed, uint } from './shape.ts';

interface EventEntry {
  readonly op: number;
  readonly about: string;
  readonly body: MapShape<unknown>;
}

/** THE table of events. */
export const events = {
  deliver: {
    op: 100,
    about: 'A message of an entered room. Positional: `[op, room, seq, at, from, header, ciphertext, wrap]`.',
    body: map({ room: roomId, message: storedMessage }),
  },
  roster: {
    op: 101,
    about:
      'The roster has a new version. `member` is the stretch that began (`joined`, `identity`: it ends the one before of the same user), goes on in another role (`role`), or, with `left`, ended. `former`, when `member` became the owner: the owner before, who is a moderator now.',
    body: map({
      room: roomId,
      version: uint(),
      kind: oneOf('joined', 'left', 'kicked', 'role', 'identity'),
      member: memberEntry,
      former: optional(memberEntry),
    }),
  },
  presence: {
    op: 102,
    about:
      'Who came online or went offline, gathered for up to 250 ms. An older `version` never overwrites a newer one.',
    body: map({ room: roomId, presence: roomPresence }),
  },
  room: {
    op: 103,
    about:
      "The room's settings as they are now. It has a version of its own in the row of roster versions. May come without a change: bans raise the version too.",
    body: map({
      room: roomId,
      name: roomName,
      retention: uint(RETENTION_DAYS_MAX),
      hidden: bool,
      password: uint(),
      header: optional(uint()),
      version: uint(),
    }),
  },
  'room-gone': {
    op: 104,
    about: 'The room was deleted, or the user is no longer a member: nothing of it comes any more.',
    body: map({ room: roomId, reason: oneOf('deleted', 'left', 'kicked', 'banned') }),
  },
  'own-room': {
    op: 105,
    about:
      'The rooms of this user changed by something other than this session: another session of the user joined or left, or the user was kicked or banned, or the room was deleted.',
    body: map({
      room: roomId,
      name: roomName,
      kind: oneOf('joined', 'left', 'kicked', 'banned', 'deleted'),
    }),
  },
  resync: {
    op: 106,
    about:
      'Something of this room may have been missed: fetch history up to `head`, the members, and the presence by entering again.',
    body: map({ room: roomId, head: optional(uint()) }),
  },
  'going-away': {
    op: 107,
    about:
      'The node is being drained and closes this session within `inMs`. It serves until then: there is nothing to do but to reconnect when it was closed.',
    body: map({ inMs: uint() }),
  },
} as const satisfies Record<string, EventEntry>;

export type Events = typeof events;
export type EventName = keyof Events;
export type EventBody<Name extends EventName> = Parsed<Events[Name]['body']>;

export const eventNames: readonly EventName[] = Object.keys(events) as EventName[];

const namesByOperation: ReadonlyMap<number, EventName> = new Map(
  eventNames.map((name) => [events[name].op, name]),
);
export const eventNameOf = (operation: number): EventName | undefined => namesByOperation.get(operation);
