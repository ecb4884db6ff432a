import type { Presence, PresenceChange, PresenceStep } from '../ports/presence.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { Unavailable } from '../ports/unavailable.ts';
import type { RoomId, UserId } from '../protocol/ids.ts';

/** So long a session that was cut still counts as online, so that a reconnect does not flicker. */
const GRACE_MS = 10_000;
/** Beyond, the oldest ends early. */
const CUT_MAX = 50_000;
const TICK_MS = 500;

/** Whoever tells the rooms: see PresenceAnnouncer. */
interface ChangeListener {
  note(changes: readonly PresenceChange[]): void;
}

/** Tells the presence how many sessions of a user this node has in a room: always the number as it is at the call. */
export class LocalPresence {
  readonly #presence: Presence;
  readonly #announcer: ChangeListener;
  readonly #telemetry: Telemetry;
  readonly #cut = new GracePeriods((user, rooms) => this.left(user, rooms));
  #countOf: (room: RoomId, user: UserId) => number = () => 0;

  constructor(presence: Presence, announcer: ChangeListener, telemetry: Telemetry) {
    this.#presence = presence;
    this.#announcer = announcer;
    this.#telemetry = telemetry;
  }

  /** Where the sessions of this node are counted: see LocalRooms. */
  countBy(countOf: (room: RoomId, user: UserId) => number): void {
    this.#countOf = countOf;
  }

  /** After sessions of the user were added. Same order as asked. Throws Unavailable. */
  entered(user: UserId, rooms: readonly RoomId[]): Promise<readonly PresenceStep[]> {
    for (const room of rooms) this.#cut.forget(room, user);
    return this.#write(user, rooms);
  }

  /** After sessions of the user were removed on purpose, or the user is no member any more. */
  left(user: UserId, rooms: readonly RoomId[]): void {
    if (rooms.length === 0) return;
    this.#write(user, rooms).catch((error: unknown) => {
      // The presence keeps what it could not write, and writes it when its service is back.
      if (!(error instanceof Unavailable)) this.#telemetry.warn('presence_failed', error);
    });
  }

  /** After a session was cut: it may be back in a moment. */
  cut(user: UserId, rooms: readonly RoomId[]): void {
    this.#cut.add(user, rooms);
  }

  /** The user is no member any more. `had`: it had sessions here. */
  noMember(user: UserId, room: RoomId, had: boolean): void {
    const wasCut = this.#cut.countOf(room, user) > 0;
    this.#cut.forget(room, user);
    if (had || wasCut) this.left(user, [room]);
  }

  async #write(user: UserId, rooms: readonly RoomId[]): Promise<readonly PresenceStep[]> {
    const counts = rooms.map((room) => this.#sessionsIn(room, user));
    const steps = await this.#presence.setInRooms(rooms, user, counts);
    this.#announcer.note(steps.flatMap((step, i) => withRoom(step, rooms[i], user)));
    return steps;
  }

  #sessionsIn(room: RoomId, user: UserId): number {
    return this.#countOf(room, user) + this.#cut.countOf(room, user);
  }

  close(): void {
    this.#cut.close();
  }
}

function withRoom(step: PresenceStep, room: RoomId | undefined, user: UserId): PresenceChange[] {
  return room === undefined ? [] : [{ ...step, room, user }];
}

interface CutSession {
  readonly user: UserId;
  readonly rooms: Set<RoomId>;
  readonly untilMs: number;
}

/** Sessions that were cut a moment ago, by time. They count for the presence of rooms, not for the user's sessions. */
export class GracePeriods {
  readonly #queue = new Set<CutSession>();
  readonly #byUser = new Map<UserId, CutSession[]>();
  readonly #ended: (user: UserId, rooms: readonly RoomId[]) => void;
  #timer: NodeJS.Timeout | undefined;

  /** `ended`: the user no longer counts in these rooms. */
  constructor(ended: (user: UserId, rooms: readonly RoomId[]) => void) {
    this.#ended = ended;
  }

  add(user: UserId, rooms: readonly RoomId[]): void {
    if (rooms.length === 0) return;
    const entry = { user, rooms: new Set(rooms), untilMs: performance.now() + GRACE_MS };
    this.#queue.add(entry);
    this.#byUser.set(user, [...(this.#byUser.get(user) ?? []), entry]);
    const [oldest] = this.#queue.size > CUT_MAX ? this.#queue : [];
    if (oldest !== undefined) this.#end(oldest);
    this.#timer ??= setInterval(this.#tick, TICK_MS);
  }

  countOf(room: RoomId, user: UserId): number {
    return this.#byUser.get(user)?.filter(({ rooms }) => rooms.has(room)).length ?? 0;
  }

  /** The user is back in the room, or no member any more. */
  forget(room: RoomId, user: UserId): void {
    for (const entry of this.#byUser.get(user) ?? []) {
      entry.rooms.delete(room);
      if (entry.rooms.size === 0) this.#drop(entry);
    }
  }

  readonly #tick = (): void => {
    const now = performance.now();
    for (const entry of this.#queue) {
      if (entry.untilMs > now) return;
      this.#end(entry);
    }
  };

  #end(entry: CutSession): void {
    this.#drop(entry);
    this.#ended(entry.user, [...entry.rooms]);
  }

  #drop(entry: CutSession): void {
    this.#queue.delete(entry);
    const rest = this.#byUser.get(entry.user)?.filter((other) => other !== entry) ?? [];
    if (rest.length === 0) this.#byUser.delete(entry.user);
    else this.#byUser.set(entry.user, rest);
    if (this.#queue.size === 0) this.close();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
