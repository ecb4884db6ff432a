import type { MessageStore, PageBounds } from '../../ports/message-store.ts';
import type { RoomStore } from '../../ports/room-store.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { ID_BYTES, parseUserId, type RoomId, type UserId } from '../../protocol/ids.ts';
import type { Background } from '../background.ts';
import type { WallClock } from '../service-parts.ts';
import { SingleFlight } from '../single-flight.ts';

/** Positions settled in one step: few enough for a busy store to take within the deadline of a request. */
export const SETTLE_POSITIONS_MAX = 250;
/** Positions above `after`, up to and with `through`. */
export interface PositionSpan {
  readonly after: number;
  readonly through: number;
}

export const DAY_MS = 24 * 60 * 60 * 1_000;
/** Appends under way have ended by then, and are not pushed to other positions for nothing. */
const SETTLE_PAUSE_MS = 2_000;

/** A reader who has no copies: its rows are positions without contents. Ids of people are random. */
export const NOBODY: UserId = idOfNobody();

function idOfNobody(): UserId {
  const nobody = parseUserId(new Uint8Array(ID_BYTES));
  if (nobody === undefined) throw new TypeError('16 bytes are an id');
  return nobody;
}

/** Milliseconds since 1970 until which a message of this age is kept. */
export function expiryOf(at: number, retentionDays: number): number {
  return at + retentionDays * DAY_MS;
}

/**
 * Settles positions, so that nothing can appear at them any more once somebody was told that there is nothing. A void outlives
 * what was sent beside it by a day: a node that was paused for so long would find its append refused until then.
 */
export class Settling {
  readonly #messages: MessageStore;
  readonly #rooms: RoomStore;
  readonly #background: Background;
  readonly #telemetry: Telemetry;
  readonly #clock: WallClock;
  readonly #flights = new SingleFlight<RoomId, void>();

  constructor(parts: {
    readonly messages: MessageStore;
    readonly rooms: RoomStore;
    readonly background: Background;
    readonly telemetry: Telemetry;
    readonly clock: WallClock;
  }) {
    this.#messages = parts.messages;
    this.#rooms = parts.rooms;
    this.#background = parts.background;
    this.#telemetry = parts.telemetry;
    this.#clock = parts.clock;
  }

  /** When it resolves, each of these positions holds a message or nothing for ever. Throws Unavailable. */
  async settle(room: RoomId, positions: readonly number[], retentionDays: number): Promise<void> {
    if (positions.length === 0) return;
    await this.#messages.settle(room, positions, expiryOf(this.#clock.nowMs(), retentionDays + 1));
    this.#telemetry.voids(positions.length);
  }

  /** Settles everything up to a ceiling that the room's clock has reached, and says so in the record. In the background. */
  followCeiling(room: RoomId, ceiling: number): void {
    if (ceiling === 0) return;
    this.#background.run('settle', async () => {
      await this.#background.pause(SETTLE_PAUSE_MS);
      await this.#flights.run(room, () => this.#settleThrough(room, ceiling));
    });
  }

  /** All positions up to here are settled, and the record does not know. In the background. */
  noteSettled(room: RoomId, through: number): void {
    this.#background.run('settled', () => this.#rooms.raiseSettled(room, through));
  }

  async #settleThrough(room: RoomId, ceiling: number): Promise<void> {
    const record = await this.#rooms.byId(room);
    if (record === undefined) return;
    if (record.retention > 0) {
      for (let after = record.settledThrough; after < ceiling; after += SETTLE_POSITIONS_MAX) {
        const through = Math.min(ceiling, after + SETTLE_POSITIONS_MAX);
        await this.#settleBetween(room, after, through, record.retention);
        await this.#rooms.raiseSettled(room, through);
      }
      return;
    }
    await this.#rooms.raiseSettled(room, ceiling);
  }

  async #settleBetween(room: RoomId, after: number, through: number, retentionDays: number): Promise<void> {
    const bounds = { after, through, order: 'ascending', limit: through - after } as const;
    const rows = await this.#messages.page(room, NOBODY, bounds);
    await this.settle(
      room,
      missingFrom({ after, through }, rows, 'ascending', through - after),
      retentionDays,
    );
  }
}

/** At most `max` positions of the span that no row speaks of, in the given order. */
export function missingFrom(
  span: PositionSpan,
  rows: readonly { readonly seq: number }[],
  order: PageBounds['order'],
  max: number,
): readonly number[] {
  const held = new Set(rows.map(({ seq }) => seq));
  const step = order === 'ascending' ? 1 : -1;
  const missing: number[] = [];
  let seq = order === 'ascending' ? span.after + 1 : span.through;
  for (; seq > span.after && seq <= span.through && missing.length < max; seq += step) {
    if (!held.has(seq)) missing.push(seq);
  }
  return missing;
}
