import type { Caller } from '../core/caller.ts';
import { roomInfo, unsupportedSuite } from '../core/room-info.ts';
import type { RoomPresences } from '../core/room-presence.ts';
import type { RoomViews } from '../core/room-views.ts';
import { memberOf } from '../domain/roster.ts';
import { errorCodes } from '../protocol/codes.ts';
import type { RoomInfo } from '../protocol/entities.ts';
import { type Refusal, refuse } from '../protocol/error-reply.ts';
import type { OptionalFeature } from '../protocol/features.ts';
import type { RoomId } from '../protocol/ids.ts';
import { SUITE_FIRST } from '../protocol/limits.ts';
import type { RequestBody } from '../protocol/requests.ts';
import { type EnteredEntry, encodeEnterReply } from '../protocol/server-codec.ts';
import { type Call, EncodedReply } from './dispatcher.ts';
import type { LocalPresence } from './local-presence.ts';
import type { LocalRoom } from './local-room.ts';
import type { LocalRooms } from './local-rooms.ts';
import type { OpenSession } from './session.ts';

/** One room of an `enter`. */
type EnteredRoom =
  | { readonly room: RoomId; readonly refusal: Refusal }
  | { readonly room: RoomId; readonly info: RoomInfo; readonly since: number };

export interface RoomEntranceParts {
  readonly views: Pick<RoomViews, 'currentOf'>;
  readonly presences: Pick<RoomPresences, 'at'>;
  readonly rooms: LocalRooms;
  readonly presence: LocalPresence;
  readonly maxRoomsPerConnection: number;
  readonly disabledFeatures: readonly OptionalFeature[];
}

/**
 * Lets a session receive rooms. Nothing falls between the head that the reply names and the first delivery: the node is
 * subscribed before the head is read, and a room in which something came in between check and entry is read once more
 * when the session is in.
 */
export class RoomEntrance {
  readonly #parts: RoomEntranceParts;

  constructor(parts: RoomEntranceParts) {
    this.#parts = parts;
  }

  /** Throws Unavailable; rooms that were entered by then stay so, and may be entered again. */
  async enter(
    call: Call,
    session: OpenSession,
    { rooms: asked, suite = SUITE_FIRST, batches = false }: RequestBody<'enter'>,
  ): Promise<EncodedReply | Refusal> {
    const rooms = [...new Set(asked)];
    const entered = new Set(session.rooms.map(({ room }) => room));
    const added = rooms.filter((room) => !entered.has(room)).length;
    if (entered.size + added > this.#parts.maxRoomsPerConnection) return this.#tooMany();
    if (batches && !this.#parts.disabledFeatures.includes('batches')) session.outbox.takesBatches = true;
    const held = await this.#holdAll(rooms);
    try {
      const entries = await this.#enterHeld(call, session, held, suite);
      return new EncodedReply((id) => encodeEnterReply(id, entries));
    } finally {
      for (const local of held) this.#parts.rooms.release(local);
    }
  }

  #tooMany(): Refusal {
    return refuse('too_large', {
      message: `a connection enters at most ${this.#parts.maxRoomsPerConnection} rooms`,
    });
  }

  async #holdAll(rooms: readonly RoomId[]): Promise<readonly LocalRoom[]> {
    const outcomes = await Promise.allSettled(rooms.map((room) => this.#parts.rooms.hold(room)));
    const held = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed === undefined) return held;
    for (const local of held) this.#parts.rooms.release(local);
    throw failed.reason;
  }

  async #enterHeld(
    call: Call,
    session: OpenSession,
    held: readonly LocalRoom[],
    suite: number,
  ): Promise<readonly EnteredEntry[]> {
    const activity = held.map((local) => local.activity);
    const checked = await this.#check(
      session.caller,
      held.map(({ room }) => room),
      suite,
    );
    if (call.isDone()) return [];
    const overtaken: LocalRoom[] = [];
    held.forEach((local, i) => {
      const outcome = checked[i];
      if (outcome === undefined || 'refusal' in outcome) this.#parts.rooms.sessionOut(local, session);
      else if (this.#add(local, session, outcome, suite) && local.activity !== activity[i])
        overtaken.push(local);
    });
    const outcomes = new Map(checked.map((outcome) => [outcome.room, outcome]));
    if (overtaken.length > 0) await this.#checkAgain(session, overtaken, { outcomes, suite });
    return this.#report(session, held, outcomes);
  }

  /** Same order as asked. This node is subscribed to the rooms: whatever gets a position above `info.head` comes in here. */
  async #check(caller: Caller, rooms: readonly RoomId[], suite: number): Promise<readonly EnteredRoom[]> {
    const current = await this.#parts.views.currentOf(rooms);
    return rooms.map((room, index) => {
      const found = current[index];
      const member = found === undefined ? undefined : memberOf(found.view, caller.user);
      if (found === undefined || member === undefined) return { room, refusal: refuse('not_a_member') };
      if ((found.view.suite ?? SUITE_FIRST) > suite) return { room, refusal: unsupportedSuite() };
      return { room, info: roomInfo(found.view, member, found), since: member.since };
    });
  }

  /** False when another request of the session took the last place meanwhile. */
  #add(
    local: LocalRoom,
    session: OpenSession,
    { info, since }: Extract<EnteredRoom, { readonly info: RoomInfo }>,
    suite: number,
  ): boolean {
    const isIn = session.rooms.includes(local);
    if (!isIn && session.rooms.length >= this.#parts.maxRoomsPerConnection) return false;
    local.add(session, { version: info.version, since, suite });
    if (!isIn) session.rooms = session.rooms.concat(local);
    return true;
  }

  /** The session is in already, so whatever gets a position above these heads is delivered to it. */
  async #checkAgain(
    session: OpenSession,
    locals: readonly LocalRoom[],
    { outcomes, suite }: { readonly outcomes: Map<RoomId, EnteredRoom>; readonly suite: number },
  ): Promise<void> {
    const again = await this.#check(
      session.caller,
      locals.map(({ room }) => room),
      suite,
    );
    again.forEach((outcome, i) => {
      const local = locals[i];
      outcomes.set(outcome.room, outcome);
      if ('refusal' in outcome && local !== undefined) this.#parts.rooms.sessionOut(local, session);
    });
  }

  async #report(
    session: OpenSession,
    held: readonly LocalRoom[],
    outcomes: ReadonlyMap<RoomId, EnteredRoom>,
  ): Promise<readonly EnteredEntry[]> {
    const inside = held.filter((local) => session.rooms.includes(local)).map(({ room }) => room);
    const presences = await this.#presences(session, inside);
    return held.map((local) => {
      const outcome = outcomes.get(local.room);
      const presence = presences[inside.indexOf(local.room)];
      if (outcome === undefined || 'refusal' in outcome || presence === undefined)
        return refusedEntry(local, outcome);
      if (outcome.info.head > local.lastSeq) local.lastSeq = outcome.info.head;
      if (outcome.info.version > local.lastVersion) local.lastVersion = outcome.info.version;
      if (local.epochs.last === 0) local.epochs.last = outcome.info.epoch ?? 0;
      return { room: local.room, info: outcome.info, presence };
    });
  }

  /** Counts the session in, then sees who is online, itself included. Same order as asked. */
  async #presences(session: OpenSession, rooms: readonly RoomId[]): Promise<readonly Uint8Array[]> {
    const steps = await this.#parts.presence.entered(session.user, rooms);
    return Promise.all(rooms.map((room, i) => this.#parts.presences.at(room, steps[i]?.version ?? 0)));
  }
}

function refusedEntry({ room }: LocalRoom, outcome: EnteredRoom | undefined): EnteredEntry {
  if (outcome !== undefined && 'refusal' in outcome)
    return { room, error: errorCodes[outcome.refusal.refused].code };
  // The membership ended, or another request filled the connection, after the check.
  return { room, error: errorCodes.not_a_member.code };
}
