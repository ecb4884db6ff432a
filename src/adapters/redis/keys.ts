import type { RoomId, UserId } from '../../protocol/ids.ts';

/** Names of all keys and channels. What one script touches shares the part in braces, and so a cluster's slot. */
export class Keys {
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  channel(channel: string): string {
    return this.#prefix + channel;
  }
  /** Hash: seq, version, floor, ceiling, at, gone. */
  clock(room: RoomId): string {
    return `${this.#prefix}clock:{${room}}`;
  }
  /** String: the answer that a message id got, in a room that stores nothing. */
  answer(room: RoomId, key: string): string {
    return `${this.#prefix}answer:{${room}}:${key}`;
  }
  /** String: theoretical arrival time of the next token. */
  limit(key: string): string {
    return `${this.#prefix}limit:${key}`;
  }
  /** Hash: user to time, and the mark that it is complete. */
  get revocations(): string {
    return `${this.#prefix}revocations`;
  }
  /** Sorted set: incarnation by the end of its lease. */
  get leases(): string {
    return `${this.#prefix}leases`;
  }
  /** Hash: run of a node to the end of its lease and what it says of itself. */
  get nodes(): string {
    return `${this.#prefix}nodes`;
  }
  /** Sorted set: node by when it was last ready. */
  get ready(): string {
    return `${this.#prefix}ready`;
  }
  /** String: who removes this dead incarnation at the moment. */
  reaperOf(incarnation: string): string {
    return `${this.#prefix}reaper:{${incarnation}}`;
  }
  /** Sets: where an incarnation may have entries. */
  roomsOf(incarnation: string): string {
    return `${this.#prefix}rooms:{${incarnation}}`;
  }
  usersOf(incarnation: string): string {
    return `${this.#prefix}users:{${incarnation}}`;
  }
  /** Hash: user to its entries, and the version. */
  roomPresence(room: RoomId): string {
    return `${this.#prefix}presence:{${room}}`;
  }
  /** Hash: incarnation to number of sessions. */
  sessions(user: UserId): string {
    return `${this.#prefix}sessions:{${user}}`;
  }
  /** Hash: room to `online:version`. */
  get directoryRooms(): string {
    return `${this.#prefix}{directory}:rooms`;
  }
  /** Sorted set: user by when it came online. */
  get directoryUsers(): string {
    return `${this.#prefix}{directory}:users`;
  }
}
