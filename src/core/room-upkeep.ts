import { hasEpochs, keptMs, type RoomRecord, type RoomView } from '../domain/roster.ts';
import type { Background } from '../lib/background.ts';
import { boundedCache } from '../lib/bounded-cache.ts';
import type { ContactStore } from '../ports/contact-store.ts';
import type { EpochStore } from '../ports/epoch-store.ts';
import type { FileStore } from '../ports/file-store.ts';
import type { LogEvent } from '../ports/log-events.ts';
import type { MessageStore } from '../ports/message-store.ts';
import type { RoomJob, RoomStore } from '../ports/room-store.ts';
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
  readonly files: FileStore;
  readonly epochs: EpochStore;
  readonly contacts: ContactStore;
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
  readonly #announced = boundedCache<RoomId, number>(ANNOUNCED_ROOMS_MAX);
  #seen: ReadonlyMap<RoomId, RoomJob> = new Map();

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
    this.#parts.background.run('purge_room', async () => {
      await this.#purge(room);
    });
  }

  /**
   * Deletes the record while it is at this version. The generation of a direct room ends before: a name that a client has pinned is
   * never another room's, whatever dies when.
   */
  async deleteRecord({ room, version, direct }: RoomRecord): Promise<'deleted' | 'conflict'> {
    const { contacts, rooms } = this.#parts;
    if (direct !== undefined) await contacts.endGeneration(direct, direct.generation);
    return rooms.delete(room, version);
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
  begin(job: Omit<RoomJob, 'after'>): void {
    this.#parts.background.run('room_chore', () => this.#work({ ...job, after: 0 }, LATE_APPENDS_MS));
  }

  /** Takes up what has not moved since the sweep before. Throws Unavailable. */
  async sweep(): Promise<void> {
    const before = this.#seen;
    const seen = new Map<RoomId, RoomJob>();
    for (let after: RoomId | undefined; seen.size < SWEPT_MAX; ) {
      const page: readonly RoomJob[] = await this.#parts.rooms.jobs(after, JOBS_PAGE);
      for (const job of page) seen.set(job.room, job);
      after = page.at(-1)?.room;
      if (page.length < JOBS_PAGE) break;
    }
    this.#seen = seen;
    for (const job of seen.values()) {
      const then = before.get(job.room);
      if (then?.version === job.version && then.kind === job.kind && then.after === job.after)
        await this.#work(job, 0);
    }
  }

  async #work(job: RoomJob, lateMs: number): Promise<void> {
    const { rooms, background } = this.#parts;
    if (job.kind === 'deleted') {
      // Whoever deleted it may have died before that; nothing would be refused until somebody asks for the room.
      await this.endRoom(job.room);
      await this.#purge(job.room);
    }
    if (lateMs > 0) await background.pause(lateMs);
    const isWhole = job.kind === 'deleted' ? await this.#purge(job.room) : await this.#reexpire(job);
    if (isWhole) await rooms.jobEnded(job);
  }

  async #purge(room: RoomId): Promise<true> {
    const { messages, epochs, files, contacts } = this.#parts;
    await contacts.purge(room);
    await messages.purge(room);
    await epochs.purge(room);
    await files.purge(room);
    return true;
  }

  /** False: another change came meanwhile, and has a job of its own. */
  async #reexpire(job: RoomJob): Promise<boolean> {
    const { rooms, messages, epochs, files, clock } = this.#parts;
    const record = await rooms.byId(job.room);
    if (record === undefined) return false;
    const lifeMs = keptMs(record);
    if (hasEpochs(record)) await epochs.retire(job.room, clock.nowMs(), epochLifeMs(lifeMs), 'anew');
    const life = { lifeMs, goneThrough: record.goneThrough ?? 0 };
    await files.reexpire(job.room, life);
    for (let after: number | undefined = job.after; ; ) {
      after = await messages.reexpire(job.room, life, after);
      if (after === undefined) return true;
      if (!(await rooms.jobDone({ ...job, after }))) return false;
    }
  }
}
