import type { RoomView } from '../domain/roster.ts';
import { LruMap } from '../lib/lru-map.ts';
import type { MessageStore } from '../ports/message-store.ts';
import type { RoomClock } from '../ports/room-clock.ts';
import type { RoomStore } from '../ports/room-store.ts';
import type { RoomId } from '../protocol/ids.ts';
import type { Background } from './background.ts';
import type { RosterAnnouncer } from './room-announcer.ts';
import type { RoomChores } from './room-chores.ts';
import type { RoomSeen } from './watermarks.ts';

/** Changes told again at most; a node that missed more is told by its members' own questions. */
const ANNOUNCED_MAX = 32;
const ANNOUNCED_ROOMS_MAX = 10_000;

/**
 * Completes what a node that died left half done: the record is changed first, and clock, notices and purge follow, so
 * whoever reads the record finds what is missing.
 */
export class RoomRepairs {
  readonly #clock: RoomClock;
  readonly #rooms: RoomStore;
  readonly #messages: MessageStore;
  readonly #announcer: RosterAnnouncer;
  readonly #chores: RoomChores;
  readonly #seen: RoomSeen;
  readonly #background: Background;
  /** Versions up to which this node told changes again: readers of one moment do not all do it. */
  readonly #announced = new LruMap<RoomId, number>(ANNOUNCED_ROOMS_MAX);

  constructor(parts: {
    readonly clock: RoomClock;
    readonly rooms: RoomStore;
    readonly messages: MessageStore;
    readonly announcer: RosterAnnouncer;
    readonly chores: RoomChores;
    readonly seen: RoomSeen;
    readonly background: Background;
  }) {
    this.#clock = parts.clock;
    this.#rooms = parts.rooms;
    this.#messages = parts.messages;
    this.#announcer = parts.announcer;
    this.#chores = parts.chores;
    this.#seen = parts.seen;
    this.#background = parts.background;
  }

  /** The clock knew only an older version: the changes since may never have been announced. In the background. */
  announceSince(view: RoomView, version: number): void {
    const { room } = view;
    const since = Math.max(version, this.#announced.get(room) ?? 0);
    if (since >= view.version) return;
    this.#announced.set(room, view.version);
    this.#background.run('announce_again', async () => {
      try {
        const from = Math.max(since, view.version - ANNOUNCED_MAX);
        const changes = (await this.#rooms.changes(room, from, ANNOUNCED_MAX)) ?? [];
        for (const change of changes) await this.#announcer.announce(view, change);
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
    const [clock] = await this.#clock.read([room]);
    if (clock === undefined || clock.gone) return;
    await this.#end(room);
    // What was left of its copies is in the chore that the deletion filed; most are gone with this.
    this.#background.run('purge_room', () => this.#messages.purge(room));
  }

  /** As endRoom, by the one who deleted the record when it was at this version. */
  async finishDeletion({ room, version }: Pick<RoomView, 'room' | 'version'>): Promise<void> {
    await this.#end(room);
    this.#chores.begin({ room, version, kind: 'deleted' });
  }

  /** With others in it: they are told in all of their sessions. */
  async finishDeletionForAll(record: RoomView): Promise<void> {
    await this.finishDeletion(record);
    await this.#announcer.ownRoomDeleted(record);
  }

  async #end(room: RoomId): Promise<void> {
    await this.#clock.remove(room);
    this.#seen.forget(room);
    await this.#announcer.roomGone(room);
  }
}
