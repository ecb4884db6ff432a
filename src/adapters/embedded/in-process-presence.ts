import type {
  DirectorySnapshot,
  Presence,
  PresenceChange,
  PresenceStep,
  RoomOnline,
} from '../../ports/presence.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { Unavailable } from '../../ports/unavailable.ts';
import type { RoomId, UserId } from '../../protocol/ids.ts';
import type { Incarnation, PresenceTable } from './presence-table.ts';
import type { RelayGate } from './relay-gate.ts';

const LOOK_EVERY_MS = 1000;

/**
 * One node's presence among the nodes of this process. A node's lease ends by close() alone: were the process gone,
 * its table would be too, so there is no heartbeat and no loss to recover from.
 */
export class InProcessPresence implements Presence {
  readonly #table: PresenceTable;
  readonly #gate: RelayGate;
  readonly #telemetry: Telemetry;
  readonly #listeners: ((changes: readonly PresenceChange[]) => void)[] = [];
  #incarnation: Incarnation | undefined;
  #reaper: NodeJS.Timeout | undefined;

  constructor(table: PresenceTable, gate: RelayGate, telemetry: Telemetry) {
    this.#table = table;
    this.#gate = gate;
    this.#telemetry = telemetry;
  }

  async start(): Promise<void> {
    await this.#gate.pass('presence');
    if (this.#incarnation !== undefined) return;
    this.#incarnation = this.#table.take();
    this.#reaper = setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
  }

  async setInRoom(room: RoomId, user: UserId, sessions: number): Promise<PresenceStep> {
    const incarnation = await this.#step('set_in_room');
    return this.#table.setInRoom(incarnation, room, user, sessions);
  }

  async setInRooms(
    rooms: readonly RoomId[],
    user: UserId,
    sessions: readonly number[],
  ): Promise<readonly PresenceStep[]> {
    const pairs = rooms.map((room, index) => ({ room, count: sessions[index] ?? 0 }));
    const incarnation = await this.#step('set_in_rooms');
    return pairs.map(({ room, count }) => this.#table.setInRoom(incarnation, room, user, count));
  }

  async inRooms(rooms: readonly RoomId[], usersMax: number): Promise<readonly RoomOnline[]> {
    await this.#step('in_rooms');
    return rooms.map((room) => this.#table.inRoom(room, usersMax));
  }

  async setSessions(user: UserId, sessions: number, max: number): Promise<'ok' | 'too_many'> {
    const incarnation = await this.#step('set_sessions');
    return this.#table.setSessions(incarnation, user, sessions, max);
  }

  async directory(): Promise<DirectorySnapshot> {
    await this.#step('directory');
    return this.#table.directory();
  }

  onChange(listener: (changes: readonly PresenceChange[]) => void): void {
    this.#listeners.push(listener);
  }

  async close(): Promise<void> {
    clearInterval(this.#reaper);
    if (this.#incarnation !== undefined) this.#table.release(this.#incarnation);
    this.#incarnation = undefined;
  }

  async #step(operation: string): Promise<Incarnation> {
    await this.#gate.pass('presence');
    this.#telemetry.presenceStep(operation);
    if (this.#incarnation === undefined)
      throw new Unavailable('presence', new Error('presence is not running'));
    return this.#incarnation;
  }

  #look(): void {
    this.#reap();
    this.#telemetry.onlineUsers(this.#table.users);
  }

  #reap(): void {
    const { incarnations, changes } = this.#table.reap();
    if (incarnations === 0) return;
    this.#telemetry.presenceReaped(incarnations);
    if (changes.length === 0) return;
    for (const listener of this.#listeners) listener(changes);
  }
}
