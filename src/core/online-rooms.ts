import { setImmediate as nextTurn } from 'node:timers/promises';
import { SingleFlight } from '../lib/single-flight.ts';
import type { Presence } from '../ports/presence.ts';
import type { RoomId } from '../protocol/ids.ts';
import type { WallClock } from './core-parts.ts';

/** Age that a snapshot may reach, in ms. */
export const SNAPSHOT_LIFE_MS = 2_000;
/** Rooms with someone online that are listed by their count, or a few more; those beyond, the emptiest, come among the others. */
export const LISTED_ONLINE_MAX = 20_000;
/** Digits of an id that tell groups of the same count apart: one byte. */
export const FIRST_BYTE_DIGITS = 2;
const BYTE_VALUES = 256;
/** Rooms of a snapshot that are looked at in one turn of the event loop. */
const ROOMS_A_TURN = 5_000;

/**
 * Rooms with as many users online as each other, whose ids begin with the same byte. They are put in order when a page
 * comes to them: most never are.
 */
export interface OnlineGroup {
  readonly online: number;
  /** Two hexadecimal digits. */
  readonly firstByte: string;
  readonly rooms: RoomId[];
  isOrdered: boolean;
}

export interface OnlineSnapshot {
  readonly takenAtMs: number;
  /** Most online first, then by the first byte. Hidden rooms are among them: nothing of the rooms themselves is read for it. */
  readonly groups: readonly OnlineGroup[];
  readonly counts: ReadonlyMap<RoomId, number>;
  /** Users online anywhere. */
  readonly users: number;
}

/** The rooms with someone online, from a snapshot of the presence that all requests of a moment share. */
export class OnlineRooms {
  readonly #presence: Pick<Presence, 'directory'>;
  readonly #clock: WallClock;
  readonly #flights = new SingleFlight<'snapshot', OnlineSnapshot>();
  #snapshot: OnlineSnapshot | undefined;

  constructor(presence: Pick<Presence, 'directory'>, clock: WallClock) {
    this.#presence = presence;
    this.#clock = clock;
  }

  /** Throws Unavailable. */
  async recent(): Promise<OnlineSnapshot> {
    const kept = this.#snapshot;
    if (kept !== undefined && Math.abs(this.#clock.nowMs() - kept.takenAtMs) < SNAPSHOT_LIFE_MS) return kept;
    return this.#flights.run('snapshot', () => this.#take());
  }

  async #take(): Promise<OnlineSnapshot> {
    const takenAtMs = this.#clock.nowMs();
    const { rooms, users } = await this.#presence.directory();
    const found = new Map<number, OnlineGroup>();
    for (const [index, { room, online }] of rooms.entries()) {
      if (index % ROOMS_A_TURN === ROOMS_A_TURN - 1) await nextTurn();
      if (online <= 0) continue;
      const firstByte = room.slice(0, FIRST_BYTE_DIGITS);
      const place = online * BYTE_VALUES + Number.parseInt(firstByte, 16);
      const group = found.get(place);
      if (group === undefined) found.set(place, { online, firstByte, rooms: [room], isOrdered: false });
      else group.rooms.push(room);
    }
    const groups: OnlineGroup[] = [];
    const counts = new Map<RoomId, number>();
    let inTurnSince = 0;
    for (const group of [...found.values()].sort(byOnlineThenByte)) {
      if (counts.size >= LISTED_ONLINE_MAX) break;
      if (counts.size >= inTurnSince + ROOMS_A_TURN) {
        await nextTurn();
        inTurnSince = counts.size;
      }
      for (const room of group.rooms) counts.set(room, group.online);
      groups.push(group);
    }
    this.#snapshot = { takenAtMs, groups, counts, users };
    return this.#snapshot;
  }
}

function byOnlineThenByte(a: OnlineGroup, b: OnlineGroup): number {
  if (a.online !== b.online) return b.online - a.online;
  return a.firstByte < b.firstByte ? -1 : 1;
}
