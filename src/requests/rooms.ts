import type { EnteredRoom } from '../core/api.ts';
import type { Caller } from '../core/caller.ts';
import { decodeCursor, encodeCursor } from '../core/cursor.ts';
import type { Decoys } from '../core/decoys.ts';
import { roomInfo } from '../core/room-info.ts';
import type { RoomViews } from '../core/room-views.ts';
import type { RoomSeen } from '../core/watermarks.ts';
import { memberOf } from '../domain/roster.ts';
import type { RoomClock } from '../ports/room-clock.ts';
import type { RoomStore } from '../ports/room-store.ts';
import { type Refusal, refuse } from '../protocol/error-reply.ts';
import { parseRoomId, type RoomId } from '../protocol/ids.ts';
import { MINE_PAGE_MAX, SALT_BYTES } from '../protocol/limits.ts';
import { foldName } from '../protocol/names.ts';
import type { ReplyBody, RequestBody } from '../protocol/requests.ts';

interface RoomReadingParts {
  readonly rooms: RoomStore;
  readonly clock: RoomClock;
  readonly views: RoomViews;
  readonly seen: RoomSeen;
  readonly decoys: Decoys;
}

/** What a user may ask about rooms without changing them. */
export class RoomReading {
  readonly #parts: RoomReadingParts;

  constructor(parts: RoomReadingParts) {
    this.#parts = parts;
  }

  async lookup(_caller: Caller, body: RequestBody<'lookup'>): Promise<ReplyBody<'lookup'>> {
    const { views, clock, decoys } = this.#parts;
    const folded = foldName(body.name);
    const loaded = await views.loadByName(folded);
    if (loaded === undefined) {
      await clock.read([decoys.room(folded)]);
      const { number, salt } = decoys.roomPassword(folded);
      return { password: number, salt };
    }
    const { number, salt } = loaded.record.password;
    return { password: number, salt: salt ?? new Uint8Array(SALT_BYTES) };
  }

  async mine(caller: Caller, body: RequestBody<'mine'>): Promise<ReplyBody<'mine'> | Refusal> {
    const { rooms, views, clock, seen } = this.#parts;
    const after = body.cursor === undefined ? undefined : parseRoomId(decodeCursor(body.cursor)?.[0]);
    if (body.cursor !== undefined && after === undefined) return refuse('bad_request', { message: 'cursor' });
    const found = await rooms.roomsOf(caller.user, after, MINE_PAGE_MAX + 1);
    const page = found.slice(0, MINE_PAGE_MAX);
    const states = page.length === 0 ? [] : await clock.read(page.map(({ room }) => room));
    const entries: ReplyBody<'mine'>['rooms'][number][] = [];
    for (const [index, { room, name, role, joined }] of page.entries()) {
      const state = states[index];
      // A lost clock is rare: one room after the other.
      const clockHead = state === undefined ? (await views.current(room))?.head : state.seq;
      const head = Math.max(clockHead ?? 0, seen.get(room).seq, joined);
      if (state?.gone !== true) entries.push({ room, name, role, joined, head });
    }
    const last = page.at(-1);
    const more = found.length > page.length && last !== undefined;
    return more ? { rooms: entries, cursor: encodeCursor([last.room]) } : { rooms: entries };
  }

  /** See Rooms.enter. */
  async enter(caller: Caller, rooms: readonly RoomId[]): Promise<readonly EnteredRoom[]> {
    const current = await this.#parts.views.currentOf(rooms);
    return rooms.map((room, index) => {
      const found = current[index];
      const member = found === undefined ? undefined : memberOf(found.view, caller.user);
      if (found === undefined || member === undefined) return { room, refusal: refuse('not_a_member') };
      return { room, view: found.view, info: roomInfo(found.view, member, found.head) };
    });
  }
}
