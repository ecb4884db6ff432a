import { CONTROL_CHANNEL, roomChannel } from '../core/publisher.ts';
import type { RoomViews } from '../core/room-views.ts';
import type { Broker, Channel } from '../ports/broker.ts';
import type { Sequencer } from '../ports/sequencer.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { Unavailable } from '../ports/unavailable.ts';
import type { ControlFeed } from './control-feed.ts';
import type { LocalRoom, RoomFeed } from './local-room.ts';
import type { LocalRooms } from './local-rooms.ts';
import type { MemberCheck } from './member-check.ts';

const CLOCK_CHECK_MS = 30_000;
/** Rooms whose clocks are read in one round trip. */
const CLOCKS_READ_MAX = 512;

export interface GapWatchParts {
  readonly broker: Broker;
  readonly sequencer: Sequencer;
  readonly rooms: LocalRooms;
  readonly roomFeed: RoomFeed;
  readonly controlFeed: Pick<ControlFeed, 'missed'>;
  readonly memberCheck: Pick<MemberCheck, 'check'>;
  readonly views: Pick<RoomViews, 'recover'>;
  readonly telemetry: Telemetry;
}

/** Finds what the broker, which delivers at most once, may have lost, and lets the sessions fetch it. */
export class GapWatch {
  readonly #parts: GapWatchParts;
  readonly #timer: NodeJS.Timeout;
  #isChecking = false;

  constructor(parts: GapWatchParts) {
    this.#parts = parts;
    parts.broker.onGap((channels) => this.#gap(channels));
    this.#timer = setInterval(() => void this.checkClocks(), CLOCK_CHECK_MS);
  }

  #gap(channels: readonly Channel[]): void {
    const { rooms, roomFeed, controlFeed, memberCheck, views, telemetry } = this.#parts;
    const missed = new Set(channels);
    const locals = rooms.all().filter(({ room }) => missed.has(roomChannel(room)));
    // The relay that lost messages may have lost clocks as well.
    views
      .recover(locals.map(({ room }) => room))
      .catch((error: unknown) => telemetry.warn('recover_failed', error));
    for (const local of locals) roomFeed.resync(local);
    void memberCheck.check(locals);
    if (missed.has(CONTROL_CHANNEL)) controlFeed.missed();
  }

  /** Never throws. A room whose clock was ahead of what came in here half a minute ago, and still is, missed something. */
  async checkClocks(): Promise<void> {
    if (this.#isChecking) return;
    this.#isChecking = true;
    try {
      const locals = this.#parts.rooms.all();
      for (let i = 0; i < locals.length; i += CLOCKS_READ_MAX)
        await this.#check(locals.slice(i, i + CLOCKS_READ_MAX));
    } catch (error) {
      if (!(error instanceof Unavailable)) this.#parts.telemetry.warn('clock_check_failed', error);
    } finally {
      this.#isChecking = false;
    }
  }

  async #check(locals: readonly LocalRoom[]): Promise<void> {
    const clocks = await this.#parts.sequencer.read(locals.map(({ room }) => room));
    const missed = locals.filter((local, i) => {
      const clock = clocks[i];
      if (clock === undefined) return false;
      // What is on its way between clock and channel right now is not missed: compared is the clock of the last time.
      const isBehind = local.lastSeq < local.clockSeq || local.lastVersion < local.clockVersion;
      local.clockSeq = clock.seq;
      local.clockVersion = clock.version;
      const lacksEpoch = local.epochs.last < local.epochs.clock;
      local.epochs.clock = clock.epoch;
      if (lacksEpoch) this.#parts.roomFeed.epochIs(local, clock.epoch);
      if (isBehind) this.#parts.roomFeed.resync(local, clock.seq);
      return isBehind;
    });
    if (missed.length === 0) return;
    this.#parts.telemetry.brokerGap(missed.length);
    await this.#parts.memberCheck.check(missed);
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
