import type {
  DirectorySnapshot,
  Presence,
  PresenceChange,
  PresenceStep,
  RoomOnline,
} from '../../ports/presence.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { Unavailable } from '../../ports/unavailable.ts';
import { parseUserId, type RoomId, type UserId } from '../../protocol/ids.ts';
import { Incarnation } from './incarnation.ts';
import type { Keys } from './keys.ts';
import { PresenceDirectory } from './presence-directory.ts';
import { PresenceReaper } from './presence-reaper.ts';
import { readRoom } from './presence-scripts.ts';
import { PresenceWriter } from './presence-writer.ts';
import { RepeatingTask } from './repeating-task.ts';
import { chunks, replyList, replyNumber } from './reply.ts';
import type { RunScript } from './script.ts';

/** All in milliseconds. A ghost is gone within lease + reap, and the time that its removal takes. */
export interface PresenceTiming {
  readonly leaseMs: number;
  readonly refreshMs: number;
  readonly reapMs: number;
  /** A node reaps only after it held its lease undisturbed for so long: after an outage all others refresh theirs first. */
  readonly graceMs: number;
}

export const presenceTiming: PresenceTiming = {
  leaseMs: 15_000,
  refreshMs: 5000,
  reapMs: 2000,
  graceMs: 6000,
};

/**
 * Numbers that are written again with each heartbeat, whatever Redis has: mends what a failover lost. One script each, so an idle
 * node costs Redis 60 a second at most, however many users and rooms it has.
 */
const AUDIT_NUMBERS = 300;
/** Numbers that could not be written are tried again. */
const MEND_MS = 1000;
/** Lost incarnations that wait to be removed; reapers find the others. */
const RETIRED_MAX = 8;

export interface PresenceOptions {
  readonly run: RunScript;
  readonly keys: Keys;
  readonly telemetry: Telemetry;
  readonly timing: PresenceTiming;
  /** Within this every method has answered or thrown Unavailable. */
  readonly timeoutMs: number;
}

/** Presence in Redis, under a leased incarnation. */
export class RedisPresence implements Presence {
  readonly #options: PresenceOptions;
  readonly #directory: PresenceDirectory;
  readonly #reaper: PresenceReaper;
  readonly #writer: PresenceWriter;
  readonly #listeners: ((changes: readonly PresenceChange[]) => void)[] = [];
  #incarnation: Incarnation;
  #retired: Incarnation[] = [];
  #heartbeat: RepeatingTask | undefined;
  #mending: RepeatingTask | undefined;
  #reaping: RepeatingTask | undefined;
  #counting: RepeatingTask | undefined;
  /** Since when the lease is held undisturbed; monotonic milliseconds. */
  #steadySinceMs: number | undefined;
  #closed = false;

  constructor(options: PresenceOptions) {
    this.#options = options;
    const { run, keys, telemetry } = options;
    this.#incarnation = this.#newIncarnation();
    this.#directory = new PresenceDirectory(run, keys);
    const shared = { run, keys, telemetry, directory: this.#directory };
    this.#writer = new PresenceWriter({
      ...shared,
      timeoutMs: options.timeoutMs,
      incarnation: () => this.#incarnation,
    });
    const onReaped = (changes: readonly PresenceChange[]): void => this.#tell(changes);
    this.#reaper = new PresenceReaper({ ...shared, onReaped });
  }

  async start(): Promise<void> {
    this.#assertOpen();
    await this.#incarnation.takeLease();
    this.#assertOpen();
    this.#steadySinceMs = performance.now();
    this.#heartbeat ??= new RepeatingTask(() => this.#beat(), this.#options.timing.refreshMs);
    this.#mending ??= new RepeatingTask(() => this.#mend(), MEND_MS);
    this.#reaping ??= new RepeatingTask(() => this.#reap(), this.#options.timing.reapMs);
    this.#counting ??= new RepeatingTask(() => this.#count(), this.#options.timing.refreshMs);
  }

  /** The connection is back: Redis, or a part of it, may have lost everything meanwhile. */
  reconnected(): void {
    this.#steadySinceMs = undefined;
    this.#writer.markAll();
    this.#heartbeat?.runNow();
  }

  async setInRoom(room: RoomId, user: UserId, sessions: number): Promise<PresenceStep> {
    const [step] = await this.setInRooms([room], user, [sessions]);
    if (step === undefined) throw new TypeError('one step should have one answer');
    return step;
  }

  async setInRooms(
    rooms: readonly RoomId[],
    user: UserId,
    sessions: readonly number[],
  ): Promise<readonly PresenceStep[]> {
    this.#assertOpen();
    if (rooms.length !== sessions.length) throw new TypeError('as many numbers as rooms');
    return this.#writer.setInRooms(rooms, user, sessions);
  }

  async inRooms(rooms: readonly RoomId[], usersMax: number): Promise<readonly RoomOnline[]> {
    this.#assertOpen();
    const { run, keys } = this.#options;
    return Promise.all(
      rooms.map(async (room) => parseRoom(await run(readRoom, [keys.roomPresence(room)], [usersMax]))),
    );
  }

  async setSessions(user: UserId, sessions: number, max: number): Promise<'ok' | 'too_many'> {
    this.#assertOpen();
    return this.#writer.setSessions(user, sessions, max);
  }

  async directory(): Promise<DirectorySnapshot> {
    this.#assertOpen();
    return this.#directory.snapshot();
  }

  onChange(listener: (changes: readonly PresenceChange[]) => void): void {
    this.#listeners.push(listener);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#heartbeat?.close();
    this.#mending?.close();
    this.#reaping?.close();
    this.#counting?.close();
    this.#directory.close();
    // Without it the lease runs out by itself.
    await this.#incarnation.endLease().catch(() => undefined);
  }

  #newIncarnation(): Incarnation {
    const { run, keys, timing } = this.#options;
    return new Incarnation(run, keys, timing.leaseMs);
  }

  async #beat(): Promise<void> {
    try {
      if (!(await this.#incarnation.refreshLease())) await this.#beginAnew();
      this.#steadySinceMs ??= performance.now();
    } catch (error) {
      this.#steadySinceMs = undefined;
      throw error;
    }
    this.#writer.markSome(AUDIT_NUMBERS);
    this.#mending?.runNow();
  }

  /** Beside the heartbeat: writing everything again can take longer than a lease. */
  async #mend(): Promise<void> {
    const retired = [...this.#retired];
    if (!(await this.#writer.flush((changes) => this.#tell(changes)))) return;
    for (const old of retired) {
      await this.#reaper.reap(old.name, old);
      this.#retired = this.#retired.filter((incarnation) => incarnation !== old);
    }
  }

  /**
   * This node was paused for longer than its lease, or Redis lost its data. Its entries are made again under a new name
   * before those of the old one are removed: nobody seems to go offline who did not.
   */
  async #beginAnew(): Promise<void> {
    this.#steadySinceMs = undefined;
    this.#options.telemetry.leaseLost();
    const next = this.#newIncarnation();
    await next.takeLease();
    if (this.#closed) return next.endLease();
    this.#retired = [...this.#retired, this.#incarnation].slice(-RETIRED_MAX);
    this.#incarnation = next;
    this.#writer.markAll();
  }

  async #reap(): Promise<void> {
    const steadySinceMs = this.#steadySinceMs;
    if (steadySinceMs === undefined) return;
    if (performance.now() - steadySinceMs < this.#options.timing.graceMs) return;
    if (!(await this.#reaper.round(this.#incarnation.name))) this.#heartbeat?.runNow();
  }

  /** Held against the sessions of all nodes by whoever watches: more users than sessions are ghosts. */
  async #count(): Promise<void> {
    this.#options.telemetry.onlineUsers(await this.#directory.users());
  }

  #tell(changes: readonly PresenceChange[]): void {
    if (this.#closed) return;
    for (const listener of this.#listeners) listener(changes);
  }

  #assertOpen(): void {
    if (this.#closed) throw new Unavailable('presence', new Error('presence is closed'));
  }
}

function parseRoom(reply: unknown): RoomOnline {
  const [online, version, ...fields] = replyList(reply);
  const users = chunks(fields, 2).flatMap(([id, since]) => {
    const user = parseUserId(id);
    return user === undefined ? [] : [{ user, version: replyNumber(since) }];
  });
  return { online: replyNumber(online), version: replyNumber(version), users };
}
