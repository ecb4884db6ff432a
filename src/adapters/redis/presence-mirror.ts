import type { RoomId, UserId } from '../../protocol/ids.ts';

/**
 * Why a number is written again: `unknown` when a write of it failed and may have happened, so that nobody was told of
 * the change; `check` when Redis should have it already.
 */
export type WhyWritten = 'unknown' | 'check';

/** What has to be written again, of one user. */
export interface Unwritten {
  readonly rooms: Map<RoomId, WhyWritten>;
  sessions: boolean;
}

/**
 * This node's own absolute numbers, and which of them Redis may not have. Holds no more than the node's sessions, and
 * what changed since Redis answered last.
 */
export class PresenceMirror {
  /** A room stands in it as often as the user has sessions there: mostly once, for which a map would be large. */
  readonly #rooms = new Map<UserId, readonly RoomId[]>();
  readonly #sessions = new Map<UserId, number>();
  /** How many users of this node are in a room. */
  readonly #usersIn = new Map<RoomId, number>();
  readonly #unwritten = new Map<UserId, Unwritten>();
  #audit: Iterator<() => void> | undefined;

  inRoom(room: RoomId, user: UserId): number {
    let sessions = 0;
    for (const other of this.#rooms.get(user) ?? []) if (other === room) sessions += 1;
    return sessions;
  }

  sessions(user: UserId): number {
    return this.#sessions.get(user) ?? 0;
  }

  setInRoom(room: RoomId, user: UserId, sessions: number): void {
    const before = this.#rooms.get(user) ?? [];
    const others = before.filter((other) => other !== room);
    const wasIn = others.length < before.length;
    if (sessions > 0 && !wasIn) this.#countIn(room, 1);
    if (sessions <= 0 && wasIn) this.#countIn(room, -1);
    const rooms = others.concat(new Array<RoomId>(Math.max(0, sessions)).fill(room));
    if (rooms.length > 0) this.#rooms.set(user, rooms);
    else this.#rooms.delete(user);
  }

  isEmpty(room: RoomId): boolean {
    return !this.#usersIn.has(room);
  }

  setSessions(user: UserId, sessions: number): void {
    if (sessions > 0) this.#sessions.set(user, sessions);
    else this.#sessions.delete(user);
  }

  get unwrittenUsers(): UserId[] {
    return [...this.#unwritten.keys()];
  }

  /** Gives what of this user is to be written, and forgets it. */
  takeUnwritten(user: UserId): Unwritten | undefined {
    const unwritten = this.#unwritten.get(user);
    this.#unwritten.delete(user);
    return unwritten;
  }

  markRoom(room: RoomId, user: UserId, why: WhyWritten): void {
    const { rooms } = this.#unwrittenOf(user);
    if (rooms.get(room) !== 'unknown') rooms.set(room, why);
  }

  markSessions(user: UserId): void {
    this.#unwrittenOf(user).sessions = true;
  }

  markAll(): void {
    for (const user of new Set([...this.#rooms.keys(), ...this.#sessions.keys()])) this.#markUser(user);
  }

  /** Marks the next numbers in turn, at most `count`, whoever's they are; after the last it begins anew. */
  markSome(count: number): void {
    for (let marked = 0; marked < count; marked += 1) {
      this.#audit ??= this.#marks();
      const { done, value: mark } = this.#audit.next();
      if (done === true) {
        this.#audit = undefined;
        return;
      }
      mark();
    }
  }

  /** One for each number. A room that its user leaves meanwhile is written as 0 once more. */
  *#marks(): Generator<() => void, undefined> {
    for (const user of this.#sessions.keys()) {
      yield () => this.markSessions(user);
      for (const room of new Set(this.#rooms.get(user))) yield () => this.markRoom(room, user, 'check');
    }
  }

  #countIn(room: RoomId, change: 1 | -1): void {
    const count = (this.#usersIn.get(room) ?? 0) + change;
    if (count > 0) this.#usersIn.set(room, count);
    else this.#usersIn.delete(room);
  }

  #markUser(user: UserId): void {
    for (const room of this.#rooms.get(user) ?? []) this.markRoom(room, user, 'check');
    if (this.#sessions.has(user)) this.markSessions(user);
  }

  #unwrittenOf(user: UserId): Unwritten {
    const known = this.#unwritten.get(user);
    if (known !== undefined) return known;
    const fresh: Unwritten = { rooms: new Map(), sessions: false };
    this.#unwritten.set(user, fresh);
    return fresh;
  }
}
