import { LRUCache } from 'lru-cache';
import { DAY_MS, hasEpochs, type RoomView } from '../domain/roster.ts';
import type { Background } from '../lib/background.ts';
import type { EpochStore } from '../ports/epoch-store.ts';
import type { LogEvent } from '../ports/log-events.ts';
import type { MessageStore } from '../ports/message-store.ts';
import type { RoomChore, RoomStore } from '../ports/room-store.ts';
import type { Sequencer } from '../ports/sequencer.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { Unavailable } from '../ports/unavailable.ts';
import type { RoomId } from '../protocol/ids.ts';
import type { WallClock } from './core-parts.ts';
import { epochLifeMs } from './epochs.ts';
import type { RoomAnnouncer } from './room-announcer.ts';
import type { Watermarks } from './room-sequence.ts';

/** On average; nodes look at different moments. */
export const SWEEP_EVERY_MS = 60_000;
/** Jobs looked at in one sweep; the rest waits for the next. */
const SWEPT_MAX = 1_000;
const JOBS_PAGE = 100;
/** Appends under way when the room changed have ended by then. One that a paused node makes later has the life it was given. */
const LATE_APPENDS_MS = 2_000;
/** Changes announced again at most; a node that missed more is corrected by its members' own questions. */
const ANNOUNCED_MAX = 32;
const ANNOUNCED_ROOMS_MAX = 10_000;

interface RoomUpkeepParts {
  readonly sequencer: Sequencer;
  readonly rooms: RoomStore;
  readonly messages: MessageStore;
  readonly epochs: EpochStore;
  readonly announcer: RoomAnnouncer;
  readonly watermarks: Watermarks;
  readonly background: Background<LogEvent>;
  readonly telemetry: Telemetry;
  readonly clock: WallClock;
}

/**
 * Completes what a crashed node left half done. The record changes first, and clock, notices and stored copies follow, so
 * whoever reads the record finds what is missing. What a change asks of stored copies is a job in the record: a deletion
 * purges them, another retention gives them a new life. Reading goes by the record, so nothing waits for a job. Every node
 * sweeps for jobs, and takes up one that did not move between two of its sweeps.
 */
export class RoomUpkeep {
  readonly #parts: RoomUpkeepParts;
  /** Versions up to which this node announced changes again: readers of one moment do not all do it. */
  readonly #announced = new LRUCache<RoomId, number>({
    maxSize: ANNOUNCED_ROOMS_MAX,
    sizeCalculation: () => 1,
  });
  #seen: ReadonlyMap<RoomId, RoomChore> = new Map();

  constructor(parts: RoomUpkeepParts) {
    this.#parts = parts;
  }

  /** The clock knew only an older version: the changes since may never have been announced. In the background. */
  announceSince(view: RoomView, version: number): void {
    const { room } = view;
    const since = Math.max(version, this.#announced.get(room) ?? 0);
    if (since >= view.version) return;
    this.#announced.set(room, view.version);
    this.#parts.background.run('announce_again', async () => {
      try {
        const from = Math.max(since, view.version - ANNOUNCED_MAX);
        const changes = (await this.#parts.rooms.changes(room, from, ANNOUNCED_MAX)) ?? [];
        for (const change of changes) await this.#parts.announcer.announce(view, change);
      } catch (error) {
        this.#announced.delete(room);
        throw error;
      }
    });
  }

  /**
   * The record of a room is gone: closes its clock, tells its members, and purges its messages in the background.
   * Throws Unavailable. Does nothing for a room that never was.
   */
  async endRoom(room: RoomId): Promise<void> {
    const [clock] = await this.#parts.sequencer.read([room]);
    if (clock === undefined || clock.gone) return;
    await this.#end(room);
    // What was left of its copies is in the job that the deletion filed; most are gone with this.
    this.#parts.background.run('purge_room', () => this.#purge(room));
  }

  /** As endRoom, by the one who deleted the record when it was at this version. */
  async finishDeletion({ room, version }: Pick<RoomView, 'room' | 'version'>): Promise<void> {
    await this.#end(room);
    this.begin({ room, version, kind: 'deleted' });
  }

  /** With others in it: all of their sessions hear of it, except for `by`, which asked for it. */
  async finishDeletionForAll(record: RoomView, by?: string): Promise<void> {
    await this.finishDeletion(record);
    await this.#parts.announcer.ownRoomDeleted(record, by);
  }

  async #end(room: RoomId): Promise<void> {
    await this.#parts.sequencer.remove(room);
    this.#parts.watermarks.forget(room);
    await this.#parts.announcer.roomGone(room);
  }

  /** Sweeps until the background is closed. */
  start(): void {
    const { background, telemetry } = this.#parts;
    background.run('room_chores', async () => {
      for (;;) {
        await background.pause(SWEEP_EVERY_MS * (0.5 + Math.random()));
        await this.sweep().catch((error: unknown) => {
          if (!(error instanceof Unavailable)) telemetry.warn('room_chores', error);
        });
      }
    });
  }

  /** A job that a change on this node just left. In the background. */
  begin(job: Omit<RoomChore, 'after'>): void {
    this.#parts.background.run('room_chore', () => this.#work({ ...job, after: 0 }, LATE_APPENDS_MS));
  }

  /** Takes up what has not moved since the sweep before. Throws Unavailable. */
  async sweep(): Promise<void> {
    const before = this.#seen;
    const seen = new Map<RoomId, RoomChore>();
    for (let after: RoomId | undefined; seen.size < SWEPT_MAX; ) {
      const page: readonly RoomChore[] = await this.#parts.rooms.chores(after, JOBS_PAGE);
      for (const chore of page) seen.set(chore.room, chore);
      after = page.at(-1)?.room;
      if (page.length < JOBS_PAGE) break;
    }
    this.#seen = seen;
    for (const chore of seen.values()) {
      const then = before.get(chore.room);
      if (then?.version === chore.version && then.kind === chore.kind && then.after === chore.after)
        await this.#work(chore, 0);
    }
  }

  async #work(chore: RoomChore, lateMs: number): Promise<void> {
    const { rooms, background } = this.#parts;
    if (chore.kind === 'deleted') {
      // Whoever deleted it may have died before that; nothing would be refused until somebody asks for the room.
      await this.endRoom(chore.room);
      await this.#purge(chore.room);
    }
    if (lateMs > 0) await background.pause(lateMs);
    const isWhole =
      chore.kind === 'deleted' ? await this.#purgeLate(chore.room) : await this.#reexpire(chore);
    if (isWhole) await rooms.choreEnded(chore);
  }

  async #purgeLate(room: RoomId): Promise<true> {
    await this.#purge(room);
    return true;
  }

  async #purge(room: RoomId): Promise<void> {
    const { messages, epochs } = this.#parts;
    await messages.purge(room);
    await epochs.purge(room);
  }

  /** False: another change came meanwhile, and has a job of its own. */
  async #reexpire(chore: RoomChore): Promise<boolean> {
    const { rooms, messages, epochs, clock } = this.#parts;
    const record = await rooms.byId(chore.room);
    if (record === undefined) return false;
    if (hasEpochs(record))
      await epochs.retire(chore.room, clock.nowMs(), epochLifeMs(record.retention), 'anew');
    const life = { lifeMs: record.retention * DAY_MS, goneThrough: record.goneThrough ?? 0 };
    for (let after: number | undefined = chore.after; ; ) {
      after = await messages.reexpire(chore.room, life, after);
      if (after === undefined) return true;
      if (!(await rooms.choreDone({ ...chore, after }))) return false;
    }
  }
}
