import { randomUUID } from 'node:crypto';
import type { PresenceChange } from '../../ports/presence.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { parseRoomId, parseUserId, type RoomId, type UserId } from '../../protocol/ids.ts';
import type { Incarnation } from './incarnation.ts';
import type { Keys } from './keys.ts';
import { claimReaping, dropLists, forgetLease, listLeases, readLists } from './lease-scripts.ts';
import type { PresenceDirectory } from './presence-directory.ts';
import { EMPTY_ROOM_LIFE_MS, incarnationsInRoom, reapInRoom, stepSessions } from './presence-scripts.ts';
import { chunks, replyList, replyNumber, replyText } from './reply.ts';
import type { RunScript } from './script.ts';

const REAP_BATCH_MAX = 128;
/** Another node takes over when the one that began has not ended by then; two at once do no harm. */
const CLAIM_MS = 3000;
/** Rooms and users of the directory that are checked in one round. */
const SWEEP_COUNT = 50;

export interface ReaperOptions {
  readonly run: RunScript;
  readonly keys: Keys;
  readonly directory: PresenceDirectory;
  readonly telemetry: Telemetry;
  readonly onReaped: (changes: readonly PresenceChange[]) => void;
}

/**
 * Removes what belongs to incarnations without a lease. Runs on every node: each removal is one atomic step that tells
 * the change to the node which made it, and to no other.
 */
export class PresenceReaper {
  readonly #options: ReaperOptions;
  readonly #name: string = randomUUID();

  constructor(options: ReaperOptions) {
    this.#options = options;
  }

  /** One round. Does nothing, and gives false, when `own` has no lease: then the leases may just have been lost. */
  async round(own: string): Promise<boolean> {
    const [living, dead] = await this.#leases();
    if (!living.has(own)) return false;
    for (const incarnation of dead) if (await this.#claim(incarnation)) await this.reap(incarnation);
    // Each of n nodes sweeps every nth round.
    if (Math.random() * living.size < 1) await this.#sweep();
    return true;
  }

  /**
   * Removes all entries of an incarnation, then its lists and its lease. Idempotent. `known`: where it may have entries
   * besides what is listed.
   */
  async reap(incarnation: string, known?: Pick<Incarnation, 'rooms' | 'users'>): Promise<void> {
    const { run, keys, telemetry } = this.#options;
    const lists = [keys.roomsOf(incarnation), keys.usersOf(incarnation)];
    const [rooms, users] = replyList(await run(readLists, lists));
    const allRooms = new Set([...replyList(rooms), ...(known?.rooms.listed ?? [])]);
    const allUsers = new Set([...replyList(users), ...(known?.users.listed ?? [])]);
    for (const batch of chunks(parseAll(allRooms, parseRoomId), REAP_BATCH_MAX))
      await Promise.all(batch.map((room) => this.#reapRoom(room, incarnation)));
    for (const batch of chunks(parseAll(allUsers, parseUserId), REAP_BATCH_MAX))
      await Promise.all(batch.map((user) => this.#reapUser(user, incarnation)));
    await run(dropLists, lists);
    if (replyNumber(await run(forgetLease, [keys.leases], [incarnation])) === 1) telemetry.presenceReaped(1);
  }

  async #leases(): Promise<[Set<string>, string[]]> {
    const { run, keys } = this.#options;
    const [living, dead] = replyList(await run(listLeases, [keys.leases]));
    return [new Set(replyList(living).map(replyText)), replyList(dead).map(replyText)];
  }

  async #claim(incarnation: string): Promise<boolean> {
    const { run, keys } = this.#options;
    return replyNumber(await run(claimReaping, [keys.reaperOf(incarnation)], [this.#name, CLAIM_MS])) === 1;
  }

  async #reapRoom(room: RoomId, incarnation: string): Promise<void> {
    const { run, keys, directory, onReaped } = this.#options;
    const reply = await run(reapInRoom, [keys.roomPresence(room)], [incarnation, EMPTY_ROOM_LIFE_MS]);
    const [count, latest, ...gone] = replyList(reply);
    directory.setRoom(room, replyNumber(count), replyNumber(latest));
    const changes = chunks(gone, 3).flatMap(([id, online, version]): PresenceChange[] => {
      const user = parseUserId(id);
      if (user === undefined) return [];
      return [{ room, user, change: 'offline', online: replyNumber(online), version: replyNumber(version) }];
    });
    if (changes.length > 0) onReaped(changes);
  }

  async #reapUser(user: UserId, incarnation: string): Promise<void> {
    const { run, keys, directory } = this.#options;
    const [, any, version] = replyList(await run(stepSessions, [keys.sessions(user)], [incarnation, 0, 0]));
    directory.setUser(user, replyNumber(any), replyNumber(version));
  }

  /**
   * Checks a part of the directory against what it was made from: mends counts, and finds entries of incarnations that
   * no list names (written by a node that had lost its lease and died before it noticed).
   */
  async #sweep(): Promise<void> {
    const { directory } = this.#options;
    const { rooms, users } = await directory.nextSlice(SWEEP_COUNT);
    const checkedRooms = rooms.flatMap((room) => parseRoomId(room) ?? []);
    const checkedUsers = users.flatMap((user) => parseUserId(user) ?? []);
    const found = await Promise.all(checkedRooms.map((room) => this.#checkRoom(room)));
    await Promise.all(checkedUsers.map((user) => this.#checkUser(user)));
    if (found.every((incarnations) => incarnations.length === 0)) return;
    // Read after the entries: an incarnation takes its lease before its first entry, so one without is dead.
    const [living, dead] = await this.#leases();
    const known = new Set([...living, ...dead]);
    for (const [index, room] of checkedRooms.entries())
      for (const incarnation of found[index] ?? [])
        if (!known.has(incarnation)) await this.#reapRoom(room, incarnation);
  }

  async #checkRoom(room: RoomId): Promise<string[]> {
    const { run, keys, directory } = this.#options;
    const reply = await run(incarnationsInRoom, [keys.roomPresence(room)]);
    const [online, version, ...incarnations] = replyList(reply);
    const count = replyNumber(online);
    // A room whose presence was lost has no version: now is newer than all that the directory knows.
    directory.setRoom(
      room,
      count,
      count === 0 ? Math.max(replyNumber(version), Date.now()) : replyNumber(version),
    );
    return incarnations.map(replyText);
  }

  async #checkUser(user: UserId): Promise<void> {
    const { run, keys, directory } = this.#options;
    // Setting nothing for nobody: tells whether anyone holds a session.
    const [, any, version] = replyList(await run(stepSessions, [keys.sessions(user)], ['nobody', 0, 0]));
    if (replyNumber(any) === 0) directory.setUser(user, 0, replyNumber(version));
  }
}

function parseAll<Id>(values: ReadonlySet<unknown>, parse: (value: unknown) => Id | undefined): Id[] {
  return [...values].flatMap((value) => parse(value) ?? []);
}
