import type { DirectorySnapshot, PresenceChange, PresenceStep, RoomOnline } from '../../ports/presence.ts';
import type { RoomId, UserId } from '../../protocol/ids.ts';

/** A node's stretch of life in the presence table. Only what belongs to one without a lease is ever reaped. */
export type Incarnation = symbol;

/** A user's sessions by incarnation; never with a 0 in it. */
type Counts = Map<Incarnation, number>;
type PresentUser = { version: number; readonly counts: Counts };
type RoomState = { version: number; readonly users: Map<UserId, PresentUser> };

/**
 * Who is online, over all nodes of this process. Each method is one synchronous, so atomic, step.
 *
 * A room's version counts from the time (milliseconds since 1970) at which its first user came, so that it does not go
 * back when the process starts again with nothing in memory; a room that no one is in is not kept.
 */
export class PresenceTable {
  readonly #now: () => number;
  readonly #rooms = new Map<RoomId, RoomState>();
  readonly #sessions = new Map<UserId, Counts>();
  readonly #leases = new Set<Incarnation>();
  readonly #dead = new Set<Incarnation>();
  /** No version told of a room that is not kept was above it. */
  #versionOfEmpty = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  take(): Incarnation {
    const incarnation = Symbol('incarnation');
    this.#leases.add(incarnation);
    return incarnation;
  }

  /** Its entries stay until someone reaps. */
  release(incarnation: Incarnation): void {
    if (this.#leases.delete(incarnation)) this.#dead.add(incarnation);
  }

  setInRoom(incarnation: Incarnation, room: RoomId, user: UserId, sessions: number): PresenceStep {
    const state = this.#rooms.get(room);
    const present = state?.users.get(user);
    if (sessions > 0) {
      if (state !== undefined && present !== undefined) {
        present.counts.set(incarnation, sessions);
        return { change: undefined, online: state.users.size, version: state.version };
      }
      return this.#comeOnline(state ?? this.#newRoom(room), user, new Map([[incarnation, sessions]]));
    }
    present?.counts.delete(incarnation);
    if (state !== undefined && present?.counts.size === 0) return this.#goOffline(room, state, user);
    return {
      change: undefined,
      online: state?.users.size ?? 0,
      version: state?.version ?? this.#emptyVersion(),
    };
  }

  inRoom(room: RoomId, usersMax: number): RoomOnline {
    const state = this.#rooms.get(room);
    if (state === undefined) return { online: 0, version: this.#emptyVersion(), users: [] };
    const online = state.users.size;
    const users = online > usersMax ? [] : [...state.users].map(([user, { version }]) => ({ user, version }));
    return { online, version: state.version, users };
  }

  setSessions(incarnation: Incarnation, user: UserId, sessions: number, max: number): 'ok' | 'too_many' {
    const counts: Counts = this.#sessions.get(user) ?? new Map<Incarnation, number>();
    const own = counts.get(incarnation) ?? 0;
    let sum = sessions - own;
    for (const count of counts.values()) sum += count;
    if (sessions > own && sum > max) return 'too_many';
    if (sessions > 0) {
      counts.set(incarnation, sessions);
      this.#sessions.set(user, counts);
    } else {
      this.#dropSessions(incarnation, user);
    }
    return 'ok';
  }

  /** With a session on any node. */
  get users(): number {
    return this.#sessions.size;
  }

  directory(): DirectorySnapshot {
    const rooms = [...this.#rooms].map(([room, { users }]) => ({ room, online: users.size }));
    return { rooms, users: this.users };
  }

  /** Removes the entries of all incarnations without a lease. Looks at everything: no node dies often in one process. */
  reap(): { readonly incarnations: number; readonly changes: readonly PresenceChange[] } {
    const changes: PresenceChange[] = [];
    const incarnations = this.#dead.size;
    for (const incarnation of this.#dead) {
      for (const [room, state] of [...this.#rooms])
        changes.push(...this.#removeFromRoom(incarnation, room, state));
      for (const user of [...this.#sessions.keys()]) this.#dropSessions(incarnation, user);
    }
    this.#dead.clear();
    return { incarnations, changes };
  }

  #removeFromRoom(incarnation: Incarnation, room: RoomId, state: RoomState): PresenceChange[] {
    const users = [...state.users].filter(([, { counts }]) => counts.has(incarnation));
    const steps = users.map(([user]) => ({ room, user, ...this.setInRoom(incarnation, room, user, 0) }));
    return steps.filter((step) => step.change !== undefined);
  }

  #newRoom(room: RoomId): RoomState {
    const state: RoomState = { version: this.#emptyVersion(), users: new Map() };
    this.#rooms.set(room, state);
    return state;
  }

  #comeOnline(state: RoomState, user: UserId, counts: Counts): PresenceStep {
    state.version += 1;
    state.users.set(user, { version: state.version, counts });
    return { change: 'online', online: state.users.size, version: state.version };
  }

  #goOffline(room: RoomId, state: RoomState, user: UserId): PresenceStep {
    state.version += 1;
    state.users.delete(user);
    if (state.users.size === 0) {
      this.#rooms.delete(room);
      this.#versionOfEmpty = Math.max(this.#versionOfEmpty, state.version);
    }
    return { change: 'offline', online: state.users.size, version: state.version };
  }

  /** At least what was told before of any room that is empty now; the next change goes above it. */
  #emptyVersion(): number {
    this.#versionOfEmpty = Math.max(this.#versionOfEmpty, this.#now());
    return this.#versionOfEmpty;
  }

  #dropSessions(incarnation: Incarnation, user: UserId): void {
    const counts = this.#sessions.get(user);
    counts?.delete(incarnation);
    if (counts?.size === 0) this.#sessions.delete(user);
  }
}
