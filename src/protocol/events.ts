import {
  invitation,
  memberEntry,
  ownEpoch,
  roomId,
  roomLife,
  roomName,
  roomPresence,
  userId,
  userName,
  why,
} from './entities.ts';
import { RETENTION_DAYS_MAX, TYPING_SHOWN_MS } from './limits.ts';
import { storedMessage } from './message-requests.ts';
import { bool, type MapShape, map, oneOf, optional, type Parsed, uint } from './shape.ts';

interface EventEntry {
  readonly op: number;
  readonly about: string;
  readonly body: MapShape<unknown>;
}

/** Who put somebody out of a room, and why. Absent where it is not known any more, and from gateways that do not tell it. */
const expulsion = { by: optional(userName), why: optional(why) } as const;

/** THE table of events. */
export const events = {
  deliver: {
    op: 100,
    about:
      'A message of an entered room. Positional: `[op, room, seq, at, from, header, ciphertext, wrap]`. In a room of suite 2 `wrap` is empty.',
    body: map({ room: roomId, message: storedMessage }),
  },
  roster: {
    op: 101,
    about:
      "The roster has a new version. `member` is the membership interval that began (`joined`; `identity`, which ends the user's previous one), continues in another role (`role`), or, with `left`, ended. `former` is present if `member` became the owner: the former owner, now a moderator. With `kicked`, `by` is the name of the user who removed the member, `why` is the reason that this user gave, and `banned` is true if the member cannot rejoin.",
    body: map({
      room: roomId,
      version: uint(),
      kind: oneOf('joined', 'left', 'kicked', 'role', 'identity'),
      member: memberEntry,
      former: optional(memberEntry),
      banned: optional(bool),
      ...expulsion,
    }),
  },
  presence: {
    op: 102,
    about:
      'Users who came online or went offline, batched for up to 250 ms. An older `version` never overwrites a newer one.',
    body: map({ room: roomId, presence: roomPresence }),
  },
  room: {
    op: 103,
    about:
      'The current settings of the room. Its version is one of the sequence of roster versions. May arrive without a visible change: bans raise the version too. `life` may be missing although the room has a lifetime setting: gateways of an earlier release leave it out.',
    body: map({
      room: roomId,
      name: roomName,
      retention: uint(RETENTION_DAYS_MAX),
      retentionHours: optional(uint()),
      hidden: bool,
      password: uint(),
      header: optional(uint()),
      suite: optional(uint()),
      life: optional(roomLife),
      version: uint(),
    }),
  },
  'room-gone': {
    op: 104,
    about:
      'The room was deleted, or the user is no longer a member; no further events follow. `by` and `why` as in `roster`.',
    body: map({ room: roomId, reason: oneOf('deleted', 'left', 'kicked', 'banned'), ...expulsion }),
  },
  'own-room': {
    op: 105,
    about:
      "The user's rooms changed, and not through this session: another session joined or left, the user was kicked or banned, or the room was deleted. `by` and `why` as in `roster`.",
    body: map({
      room: roomId,
      name: roomName,
      kind: oneOf('joined', 'left', 'kicked', 'banned', 'deleted'),
      ...expulsion,
    }),
  },
  resync: {
    op: 106,
    about:
      'Events of this room may have been missed. Fetch history up to `head` and the members, and enter again for presence.',
    body: map({ room: roomId, head: optional(uint()) }),
  },
  typing: {
    op: 109,
    about: `The user is typing in this room. Valid for ${TYPING_SHOWN_MS / 1_000} seconds or until a message of the user arrives, whichever is first.`,
    body: map({ room: roomId, user: userId }),
  },
  epoch: {
    op: 108,
    about:
      'The room has a new epoch that includes the user. Sent before any message that is sealed under the epoch. Events may be lost: if a message names an unknown epoch, fetch it with `epochs` before rejecting the message.',
    body: map({ room: roomId, epoch: ownEpoch }),
  },
  invitation: {
    op: 110,
    about:
      'Somebody invited the user to `room`, or opened a direct room with the user. Without `invitation`: the one to this room was answered by another session, or is gone.',
    body: map({ room: roomId, invitation: optional(invitation) }),
  },
  state: {
    op: 111,
    about: "Another session stored this version of the user's state: section 18.",
    body: map({ version: uint() }),
  },
  'going-away': {
    op: 107,
    about:
      'The node is draining and closes this session within `inMs`. It serves until then; reconnect once it is closed.',
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
