import { gapsIn, type PositionSpan } from '../domain/position-span.ts';
import { DAY_MS, keptMs } from '../domain/roster.ts';
import type { Background } from '../lib/background.ts';
import { SingleFlight } from '../lib/single-flight.ts';
import type { LogEvent } from '../ports/log-events.ts';
import { type MessageStore, NOBODY } from '../ports/message-store.ts';
import type { RoomStore } from '../ports/room-store.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import type { RoomId } from '../protocol/ids.ts';
import type { WallClock } from './core-parts.ts';

/** Rows read for one step of settling: few enough for a busy store. A span is one of them, however long. */
const SETTLE_ROWS_MAX = 250;

/** Appends under way have ended by then, and are not pushed to other positions for nothing. */
const SETTLE_PAUSE_MS = 2_000;

/**
 * Settles spans of positions, so that nothing can appear in them any more once somebody was told that there is nothing. A
 * span outlives what was sent beside it by a day: a node that was paused for so long would find its append refused until then.
 */
export class Settler {
  readonly #messages: MessageStore;
  readonly #rooms: RoomStore;
  readonly #background: Background<LogEvent>;
  readonly #telemetry: Telemetry;
  readonly #clock: WallClock;
  readonly #flights = new SingleFlight<RoomId, void>();

  constructor(parts: {
    readonly messages: MessageStore;
    readonly rooms: RoomStore;
    readonly background: Background<LogEvent>;
    readonly telemetry: Telemetry;
    readonly clock: WallClock;
  }) {
    this.#messages = parts.messages;
    this.#rooms = parts.rooms;
    this.#background = parts.background;
    this.#telemetry = parts.telemetry;
    this.#clock = parts.clock;
  }

  /**
   * When it resolves, each position in these spans holds a message or nothing for ever; true: nothing in all of them. Throws
   * Unavailable.
   */
  async settle(room: RoomId, spans: readonly PositionSpan[], messagesKeptMs: number): Promise<boolean> {
    if (spans.length === 0) return true;
    const expiresAt = this.#clock.nowMs() + messagesKeptMs + DAY_MS;
    const isWhole = await this.#messages.settle(room, spans, expiresAt);
    this.#telemetry.voids(spans.reduce((sum, { from, through }) => sum + through - from + 1, 0));
    return isWhole;
  }

  /** Settles everything up to a position that the room's clock has given, and says so in the record. In the background. */
  followClock(room: RoomId, given: number): void {
    if (given === 0) return;
    this.#background.run('settle', async () => {
      await this.#background.pause(SETTLE_PAUSE_MS);
      await this.#flights.run(room, () => this.#settleThrough(room, given));
    });
  }

  /** All positions up to here are settled, and the record does not know. In the background. */
  noteSettled(room: RoomId, through: number): void {
    this.#background.run('settled', () => this.#rooms.raiseSettled(room, through));
  }

  async #settleThrough(room: RoomId, last: number): Promise<void> {
    const record = await this.#rooms.byId(room);
    if (record === undefined) return;
    if (record.retention === 0) {
      await this.#rooms.raiseSettled(room, last);
      return;
    }
    for (let settled = record.settledThrough; settled < last; ) {
      settled = await this.#settleNext(room, { from: settled + 1, through: last }, keptMs(record));
      await this.#rooms.raiseSettled(room, settled);
    }
  }

  /** Answers the last position that is settled then. */
  async #settleNext(room: RoomId, { from, through }: PositionSpan, messagesKeptMs: number): Promise<number> {
    const bounds = { after: from - 1, through, order: 'ascending', limit: SETTLE_ROWS_MAX } as const;
    const rows = await this.#messages.page(room, NOBODY, bounds);
    const last = rows.length < SETTLE_ROWS_MAX ? through : (rows.at(-1)?.seq ?? through);
    await this.settle(room, gapsIn({ from, through: last }, rows), messagesKeptMs);
    return last;
  }
}
