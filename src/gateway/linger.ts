import type { RoomId, UserId } from '../protocol/ids.ts';

/** So long a session that was cut still counts as online, so that a reconnect does not flicker. */
const LINGER_MS = 10_000;
/** Beyond, the oldest ends early. */
const LINGERING_MAX = 50_000;
const TICK_MS = 500;

interface Lingering {
  readonly user: UserId;
  readonly rooms: Set<RoomId>;
  readonly untilMs: number;
}

/** Sessions that were cut a moment ago, by time. They count for the presence of rooms, not for the user's sessions. */
export class Linger {
  readonly #queue = new Set<Lingering>();
  readonly #byUser = new Map<UserId, Lingering[]>();
  readonly #ended: (user: UserId, rooms: readonly RoomId[]) => void;
  #timer: NodeJS.Timeout | undefined;

  /** `ended`: the user no longer lingers in these rooms. */
  constructor(ended: (user: UserId, rooms: readonly RoomId[]) => void) {
    this.#ended = ended;
  }

  add(user: UserId, rooms: readonly RoomId[]): void {
    if (rooms.length === 0) return;
    const entry = { user, rooms: new Set(rooms), untilMs: performance.now() + LINGER_MS };
    this.#queue.add(entry);
    this.#byUser.set(user, [...(this.#byUser.get(user) ?? []), entry]);
    const [oldest] = this.#queue.size > LINGERING_MAX ? this.#queue : [];
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

  #end(entry: Lingering): void {
    this.#drop(entry);
    this.#ended(entry.user, [...entry.rooms]);
  }

  #drop(entry: Lingering): void {
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
