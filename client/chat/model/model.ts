import type { RoomId } from '../../../src/protocol/ids.ts';
import { NOTIFY_DEFAULT, type NotifyLevel } from '../../../src/protocol/layouts/user-state.ts';
import type { Me } from '../../sdk/api.ts';
import type { RoomInvitation } from '../../sdk/contacts/invitation.ts';
import type { UserSettings } from '../../sdk/state/user-settings.ts';
import type { Dialog } from './dialog.ts';
import type { Ignored, Tone } from './entry.ts';
import type { HistorySearch } from './history-search.ts';
import { withLineCounted, withReadLine } from './reading.ts';
import { counted, newRoom, type RoomFacts, type RoomModel } from './room-model.ts';
import { newestSeq } from './timeline.ts';

/** Everything that a face shows. It never changes: a change makes another one. */
export interface Model {
  /** Undefined while the account is not open yet: the start page shows. */
  readonly me: Me | undefined;
  readonly start: StartPage;
  /** As the user arranged them, the others by name. */
  readonly rooms: readonly RoomModel[];
  readonly active: RoomId | undefined;
  /** The room that was active before. */
  readonly previous: RoomId | undefined;
  readonly connection: ConnectionModel;
  /** Why the server keeps somebody waiting, although there is a connection. */
  readonly heldUp: string | undefined;
  readonly dialog: Dialog | undefined;
  /** Oldest first. */
  readonly notices: readonly Notice[];
  /** The command that is carried out, as it was written; undefined: none, or it asks something just now. */
  readonly running: string | undefined;
  readonly ignored: Ignored;
  /** Which messages of a room the face tells of; rooms without an entry have the default. */
  readonly levels: ReadonlyMap<RoomId, NotifyLevel>;
  /** The rooms that the user arranged. */
  readonly order: readonly RoomId[];
  /** What waits for an answer. */
  readonly invitations: readonly RoomInvitation[];
  /** The search through what was typed before, while it goes on. */
  readonly search: HistorySearch | undefined;
  /** Whether somebody is at the face, as far as it can tell; undefined: it never said. */
  readonly focused: boolean | undefined;
  /** What is typed while there is no room. */
  readonly lobbyDraft: string;
  /** Milliseconds since 1970 UTC: countdowns and "today" are told by it. */
  readonly now: number;
}

/** What is said besides the timeline, for a while. */
export interface Notice {
  readonly text: string;
  readonly tone: Tone;
  /**
   * How long it stays: until something is typed, until something is sent, until then or until there is a connection, or until this
   * time, in milliseconds since 1970 UTC. Each of them goes when somebody puts it away.
   */
  readonly stays: 'while-reading' | 'while-editing' | 'while-offline' | number;
}

/** What the first run, or the opening of the account, has come to. */
export interface StartPage {
  readonly lines: readonly { readonly label: string; readonly text: string }[];
  /** What goes on just now. */
  readonly busy: string | undefined;
}

export type ConnectionModel =
  | { readonly state: 'connecting' }
  | { readonly state: 'online'; readonly roundTripMs: number | undefined }
  /** The next attempt is due at `until`, in milliseconds since 1970 UTC. */
  | { readonly state: 'waiting'; readonly until: number; readonly reason: string }
  | { readonly state: 'closed'; readonly reason: string };

export function emptyModel(now: number): Model {
  return {
    me: undefined,
    start: { lines: [], busy: undefined },
    rooms: [],
    active: undefined,
    previous: undefined,
    connection: { state: 'connecting' },
    heldUp: undefined,
    dialog: undefined,
    notices: [],
    running: undefined,
    ignored: new Set(),
    levels: new Map(),
    order: [],
    invitations: [],
    search: undefined,
    focused: undefined,
    lobbyDraft: '',
    now,
  };
}

/** Somebody wants to write here, and was not accepted yet. */
export function isWaiting({ invitations }: Model, room: RoomId): boolean {
  return invitations.some(({ id }) => id === room);
}

export function withInvitation(model: Model, invitation: RoomInvitation): Model {
  return { ...model, invitations: [...withoutInvitation(model, invitation.id).invitations, invitation] };
}

export function withoutInvitation(model: Model, room: RoomId): Model {
  return { ...model, invitations: model.invitations.filter(({ id }) => id !== room) };
}

export function roomOf(model: Model, id: RoomId | undefined): RoomModel | undefined {
  return id === undefined ? undefined : model.rooms.find((room) => room.id === id);
}

export function activeRoom(model: Model): RoomModel | undefined {
  return roomOf(model, model.active);
}

/** The model with one room as `change` makes it; unchanged when there is no such room. */
export function withRoom(model: Model, id: RoomId, change: (room: RoomModel) => RoomModel): Model {
  const index = model.rooms.findIndex((room) => room.id === id);
  const before = model.rooms[index];
  if (before === undefined) return model;
  const after = change(before);
  return after === before ? model : { ...model, rooms: model.rooms.with(index, after) };
}

/** Takes the list of own rooms: new ones are added, others go, but for those that say why they are gone. */
export function withOwnRooms(model: Model, facts: readonly RoomFacts[]): Model {
  const known = new Map(model.rooms.map((room) => [room.id, room]));
  const listed = new Set(facts.map(({ id }) => id));
  const rooms = [
    ...facts.map((fact): RoomModel => {
      const room = known.get(fact.id);
      const notify = model.levels.get(fact.id) ?? NOTIFY_DEFAULT;
      return room === undefined ? { ...newRoom(fact), notify } : renewed(room, fact);
    }),
    ...model.rooms.filter(({ id, gone }) => gone && !listed.has(id)),
  ];
  return keptActive({ ...model, rooms: arranged(rooms, model.order) });
}

export function withoutRoom(model: Model, id: RoomId): Model {
  return keptActive({ ...model, rooms: model.rooms.filter((room) => room.id !== id) });
}

/** What came to a room that is not open shows by its head alone. */
function renewed(room: RoomModel, { name, head }: RoomFacts): RoomModel {
  const known = Math.max(room.read, newestSeq(room.timeline) ?? room.timeline.from);
  const mayHaveMoreUnread = room.mayHaveMoreUnread || (!room.open && head > known);
  return { ...room, name, gone: false, mayHaveMoreUnread };
}

/** When the active room went, the one before it is active again, or the first. */
function keptActive(model: Model): Model {
  if (activeRoom(model) !== undefined) return model;
  const next = roomOf(model, model.previous) ?? model.rooms[0];
  return next === undefined
    ? { ...model, active: undefined }
    : activated({ ...model, active: undefined }, next.id);
}

function arranged(rooms: readonly RoomModel[], order: readonly RoomId[]): readonly RoomModel[] {
  const places = new Map(order.map((id, place) => [id, place]));
  const placeOf = ({ id }: RoomModel): number => places.get(id) ?? order.length;
  return rooms.toSorted(
    (a, b) => placeOf(a) - placeOf(b) || (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1),
  );
}

/** The room moved to this place of the list, from 0; what was in its way moves on. */
export function orderWith({ rooms }: Model, moved: RoomId, place: number): readonly RoomId[] {
  const others = rooms.flatMap(({ id }) => (id === moved ? [] : [id]));
  return others.toSpliced(place, 0, moved);
}

/** Hides what others write than before, and counts without them. */
export function withIgnored(model: Model, ignored: Ignored): Model {
  return {
    ...model,
    ignored,
    rooms: model.rooms.map((room) => withLineCounted(counted(room, ignored), ignored)),
  };
}

/** What was read, and what is shown and told of, as the user's devices share it. Nothing that was read becomes unread. */
export function withSettings(model: Model, settings: UserSettings): Model {
  const { reads, levels, ignored, order } = settings;
  const rooms = model.rooms.map((room) => {
    const read = Math.max(room.read, reads.get(room.id) ?? 0);
    return { ...room, read, notify: levels.get(room.id) ?? NOTIFY_DEFAULT };
  });
  return withIgnored({ ...model, levels, order, rooms: arranged(rooms, order) }, ignored);
}

/** Shows a room. What came since it was read last stands below a line. */
export function activated(model: Model, id: RoomId): Model {
  if (model.active === id) return model;
  const left =
    model.active === undefined
      ? model
      : withRoom(model, model.active, (room) => ({
          ...room,
          readLine: undefined,
          seen: undefined,
          selected: undefined,
        }));
  // Text typed while no room was shown is appended to the room's draft.
  const typed = model.active === undefined ? model.lobbyDraft : '';
  const shown = withRoom(left, id, (room) =>
    withReadLine({ ...room, draft: room.draft + typed }, model.ignored),
  );
  const lobbyDraft = model.active === undefined ? '' : model.lobbyDraft;
  return { ...shown, lobbyDraft, active: id, previous: model.active };
}
