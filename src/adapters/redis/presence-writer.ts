import { KeyedMutex } from '../../lib/keyed-mutex.ts';
import type { PresenceChange, PresenceStep } from '../../ports/presence.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { Unavailable } from '../../ports/unavailable.ts';
import type { RoomId, UserId } from '../../protocol/ids.ts';
import type { Incarnation } from './incarnation.ts';
import type { Keys } from './keys.ts';
import type { PresenceDirectory } from './presence-directory.ts';
import { PresenceMirror, type WhyWritten } from './presence-mirror.ts';
import { EMPTY_ROOM_LIFE_MS, stepInRoom, stepSessions } from './presence-scripts.ts';
import { chunks, replyList, replyNumber } from './reply.ts';
import type { RunScript } from './script.ts';

/** Users whose numbers are written again side by side. */
const FLUSH_BATCH_MAX = 128;

export interface WriterOptions {
  readonly run: RunScript;
  readonly keys: Keys;
  readonly telemetry: Telemetry;
  readonly directory: PresenceDirectory;
  /** A call that had to wait for others of its user is refused after this, and its number is written all the same. */
  readonly timeoutMs: number;
  /** The one under which this node writes now. */
  readonly incarnation: () => Incarnation;
}

interface WrittenStep extends PresenceStep {
  readonly isOnline: boolean;
}

/** Writes this node's numbers, one after the other for each user, and again those that did not get through. */
export class PresenceWriter {
  readonly #options: WriterOptions;
  readonly #mirror = new PresenceMirror();
  readonly #queue = new KeyedMutex<string>();

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  setInRooms(
    rooms: readonly RoomId[],
    user: UserId,
    sessions: readonly number[],
  ): Promise<readonly PresenceStep[]> {
    return this.#inTurn(user, async (call) => {
      for (const [index, room] of rooms.entries()) this.#mirror.setInRoom(room, user, sessions[index] ?? 0);
      const steps = await this.#writeRooms(user, rooms, () => 'unknown');
      if (call.isRefused) for (const room of rooms) this.#mirror.markRoom(room, user, 'unknown');
      return steps.map(({ change, online, version }) => ({ change, online, version }));
    });
  }

  setSessions(user: UserId, sessions: number, max: number): Promise<'ok' | 'too_many'> {
    return this.#inTurn(user, () => this.#writeSessions(user, sessions, max));
  }

  /** Runs a task after those of the same user, and refuses the caller when it is not done in time. */
  #inTurn<T>(user: UserId, task: (call: { readonly isRefused: boolean }) => Promise<T>): Promise<T> {
    const call = { isRefused: false };
    const running = this.#queue.run(user, () => task(call));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        call.isRefused = true;
        reject(new Unavailable('presence', new Error('it took too long')));
      }, this.#options.timeoutMs);
      running.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }

  markAll(): void {
    this.#mirror.markAll();
  }

  markSome(count: number): void {
    this.#mirror.markSome(count);
  }

  /** Writes what is marked; false when some of it still is. Tells changes that no caller was told. */
  async flush(tell: (changes: readonly PresenceChange[]) => void): Promise<boolean> {
    for (const users of chunks(this.#mirror.unwrittenUsers, FLUSH_BATCH_MAX)) {
      const outcomes = await Promise.allSettled(users.map((user) => this.#flushUser(user)));
      const changes = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : []));
      if (changes.length > 0) tell(changes);
      if (outcomes.some((outcome) => outcome.status === 'rejected')) return false;
    }
    return this.#mirror.unwrittenUsers.length === 0;
  }

  #flushUser(user: UserId): Promise<PresenceChange[]> {
    return this.#queue.run(user, async () => {
      const unwritten = this.#mirror.takeUnwritten(user);
      if (unwritten === undefined) return [];
      const rooms = [...unwritten.rooms.keys()];
      const whyOf = (room: RoomId): WhyWritten => unwritten.rooms.get(room) ?? 'check';
      try {
        if (unwritten.sessions)
          await this.#writeSessions(user, this.#mirror.sessions(user), Number.MAX_SAFE_INTEGER);
      } catch (error) {
        for (const room of rooms) this.#mirror.markRoom(room, user, whyOf(room));
        throw error;
      }
      const steps = await this.#writeRooms(user, rooms, whyOf);
      return steps.flatMap(({ isOnline, ...step }): PresenceChange[] => {
        const told = whyOf(step.room) === 'check' ? step.change : isOnline ? 'online' : 'offline';
        return told === undefined ? [] : [{ ...step, change: told, user }];
      });
    });
  }

  /** Writes what the mirror says; all that fails is marked. Throws Unavailable when one failed. */
  async #writeRooms(
    user: UserId,
    rooms: readonly RoomId[],
    whyOf: (room: RoomId) => WhyWritten,
  ): Promise<(WrittenStep & { room: RoomId })[]> {
    const incarnation = this.#options.incarnation();
    const entered = rooms.filter((room) => this.#mirror.inRoom(room, user) > 0);
    try {
      await incarnation.rooms.add(entered);
      const steps = rooms.map(async (room) => ({ room, ...(await this.#step(room, user, incarnation)) }));
      // All are waited for: a step that goes on could overtake the user's next call.
      await Promise.allSettled(steps);
      return await Promise.all(steps);
    } catch (error) {
      for (const room of rooms) this.#mirror.markRoom(room, user, whyOf(room));
      throw error;
    }
  }

  async #step(room: RoomId, user: UserId, incarnation: Incarnation): Promise<WrittenStep> {
    const { run, keys, directory, telemetry } = this.#options;
    const sessions = this.#mirror.inRoom(room, user);
    const args = [incarnation.name, user, sessions, EMPTY_ROOM_LIFE_MS];
    const [changed, count, latest, isOnline] = replyList(
      await run(stepInRoom, [keys.roomPresence(room)], args),
    );
    telemetry.presenceStep('room');
    const [online, version] = [replyNumber(count), replyNumber(latest)];
    directory.setRoom(room, online, version);
    if (this.#mirror.isEmpty(room))
      incarnation.rooms.remove(room, () => this.#mirror.isEmpty(room)).catch(() => undefined);
    const change = changed === 'online' || changed === 'offline' ? changed : undefined;
    return { change, online, version, isOnline: replyNumber(isOnline) === 1 };
  }

  async #writeSessions(user: UserId, sessions: number, max: number): Promise<'ok' | 'too_many'> {
    const { run, keys, directory, telemetry } = this.#options;
    const incarnation = this.#options.incarnation();
    const before = this.#mirror.sessions(user);
    this.#mirror.setSessions(user, sessions);
    try {
      if (sessions > 0) await incarnation.users.add([user]);
      const args = [incarnation.name, sessions, max];
      const [outcome, any, version] = replyList(await run(stepSessions, [keys.sessions(user)], args));
      telemetry.presenceStep('sessions');
      if (outcome === 'too_many') this.#mirror.setSessions(user, before);
      else directory.setUser(user, replyNumber(any), replyNumber(version));
      if (this.#mirror.sessions(user) === 0)
        incarnation.users.remove(user, () => this.#mirror.sessions(user) === 0).catch(() => undefined);
      return outcome === 'too_many' ? 'too_many' : 'ok';
    } catch (error) {
      this.#mirror.markSessions(user);
      throw error;
    }
  }
}
