import type { MessageStore } from '../ports/message-store.ts';
import type { RoomChore, RoomStore } from '../ports/room-store.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { Unavailable } from '../ports/unavailable.ts';
import type { RoomId } from '../protocol/ids.ts';
import type { Background } from './background.ts';
import { DAY_MS } from './settler.ts';

/** On average; nodes look at different moments. */
export const SWEEP_EVERY_MS = 60_000;
/** Chores looked at in one sweep; the rest waits for the next. */
const SWEPT_MAX = 1_000;
const CHORES_PAGE = 100;
/** Appends under way when the room changed have ended by then. One that a paused node makes later has the life it was given. */
const LATE_APPENDS_MS = 2_000;

interface RoomChoresParts {
  readonly rooms: RoomStore;
  readonly messages: MessageStore;
  readonly background: Background;
  readonly telemetry: Telemetry;
  /** Closes the clock of a room without a record, and tells its members, unless that is done. */
  endRoom(room: RoomId): Promise<void>;
}

/**
 * Does with stored copies what a change of their room asks for: purges those of a deleted one, gives those of another
 * retention their new life. Nothing waits for it: reading goes by the record. What a node that died left undone is found
 * by all others, since it does not move on from one of their sweeps to the next.
 */
export class RoomChores {
  readonly #parts: RoomChoresParts;
  #seen: ReadonlyMap<RoomId, RoomChore> = new Map();

  constructor(parts: RoomChoresParts) {
    this.#parts = parts;
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

  /** A chore that a change on this node just left. In the background. */
  begin(chore: Omit<RoomChore, 'after'>): void {
    this.#parts.background.run('room_chore', () => this.#work({ ...chore, after: 0 }, LATE_APPENDS_MS));
  }

  /** Takes up what has not moved since the sweep before. Throws Unavailable. */
  async sweep(): Promise<void> {
    const before = this.#seen;
    const seen = new Map<RoomId, RoomChore>();
    for (let after: RoomId | undefined; seen.size < SWEPT_MAX; ) {
      const page: readonly RoomChore[] = await this.#parts.rooms.chores(after, CHORES_PAGE);
      for (const chore of page) seen.set(chore.room, chore);
      after = page.at(-1)?.room;
      if (page.length < CHORES_PAGE) break;
    }
    this.#seen = seen;
    for (const chore of seen.values()) {
      const then = before.get(chore.room);
      if (then?.version === chore.version && then.kind === chore.kind && then.after === chore.after)
        await this.#work(chore, 0);
    }
  }

  async #work(chore: RoomChore, lateMs: number): Promise<void> {
    const { rooms, messages, background, endRoom } = this.#parts;
    if (chore.kind === 'deleted') {
      // Whoever deleted it may have died before that; nothing would be refused until somebody asks for the room.
      await endRoom(chore.room);
      await messages.purge(chore.room);
    }
    if (lateMs > 0) await background.pause(lateMs);
    const isWhole =
      chore.kind === 'deleted' ? await this.#purgeLate(chore.room) : await this.#reexpire(chore);
    if (isWhole) await rooms.choreEnded(chore);
  }

  async #purgeLate(room: RoomId): Promise<true> {
    await this.#parts.messages.purge(room);
    return true;
  }

  /** False: another change came meanwhile, and has a chore of its own. */
  async #reexpire(chore: RoomChore): Promise<boolean> {
    const { rooms, messages } = this.#parts;
    const record = await rooms.byId(chore.room);
    if (record === undefined) return false;
    const life = { lifeMs: record.retention * DAY_MS, goneThrough: record.goneThrough ?? 0 };
    for (let after: number | undefined = chore.after; ; ) {
      after = await messages.reexpire(chore.room, life, after);
      if (after === undefined) return true;
      if (!(await rooms.choreDone({ ...chore, after }))) return false;
    }
  }
}
