import { clearInterval, setInterval, setTimeout } from 'k6/timers';
import type { WebKey } from '../../client/crypto/web-crypto.ts';
import { parseRoomId, parseUserId } from '../../src/protocol/ids.ts';
import { parseUserName } from '../../src/protocol/names.ts';
import type { Cast, CastMember, CastRoom } from '../cast.ts';
import { FileRun } from './file-run.ts';
import type { MemberAddress } from './member.ts';
import * as metrics from './metrics.ts';
import { RoomRun } from './room-run.ts';

const LOOK_EVERY_MS = 250;
const JUDGE_EVERY_MS = 5_000;
const KEEP_EVERY_MS = 2_000;
const ENTER_MS_MAX = 120_000;

export interface WorkerOptions {
  readonly cast: Cast;
  /** From 0. */
  readonly worker: number;
  readonly rsaKeys: readonly WebKey[];
  readonly frameAt: (line: number) => ArrayBuffer;
}

/** The load of one VU: its rooms' members come, talk, and leave. */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #rooms: readonly RoomRun[];
  readonly #files: readonly FileRun[];

  constructor(options: WorkerOptions) {
    const { cast, worker, frameAt } = options;
    const { parameters } = cast;
    this.#options = options;
    this.#rooms = cast.rooms
      .filter((_, index) => index % parameters.workers === worker)
      .map((room) => {
        const addresses = room.members.map((member) => this.#addressOf(room, member));
        return new RoomRun({ room, parameters, addresses, frameAt });
      });
    this.#files = this.#rooms.map(({ members }) => new FileRun(members, parameters));
  }

  async run(): Promise<void> {
    const { parameters } = this.#options.cast;
    await this.#everybodyComes();
    const settleMs = parameters['settle-seconds'] * 1_000;
    const timers = [
      setInterval(() => metrics.keepWritten(), KEEP_EVERY_MS),
      setInterval(() => this.#judge(Date.now() - settleMs), JUDGE_EVERY_MS),
      ...(parameters['cut-every-seconds'] === 0
        ? []
        : [setInterval(() => this.#cut(), parameters['cut-every-seconds'] * 1_000)]),
    ];
    const startMs = Date.now();
    const distanceMs =
      parameters['messages-per-second'] === 0 ? 0 : 1_000 / parameters['messages-per-second'];
    if (distanceMs > 0) {
      for (const [index, room] of this.#rooms.entries())
        room.start(startMs + (distanceMs * index) / this.#rooms.length);
    }
    const fileDistanceMs = (60 * 1_000) / parameters['files-per-minute'];
    if (parameters['files-per-minute'] > 0) {
      for (const [index, files] of this.#files.entries())
        files.start(startMs + (fileDistanceMs * index) / this.#files.length);
    }
    await pause(parameters.seconds * 1_000);
    for (const timer of timers) clearInterval(timer);
    await this.#settle(Date.now() + settleMs);
    this.#judge(Number.POSITIVE_INFINITY);
    for (const files of this.#files) files.giveUp();
    for (const room of this.#rooms) {
      room.giveUp();
      for (const member of room.members) member.leave();
    }
  }

  /** At a steady pace, each due at its time, however long those before it take. */
  async #everybodyComes(): Promise<void> {
    const { parameters } = this.#options.cast;
    const everybody = this.#rooms.flatMap(({ members }) => members);
    const distanceMs = (1_000 * parameters.workers) / parameters['connects-per-second'];
    const startMs = Date.now();
    for (const [index, member] of everybody.entries()) {
      const waitMs = startMs + index * distanceMs - Date.now();
      if (waitMs > 0) await pause(waitMs);
      // Never rejects for what a server does; it tries again by itself.
      void member.come();
    }
    const deadline = Date.now() + ENTER_MS_MAX;
    while (everybody.some(({ isIn }) => !isIn)) {
      if (Date.now() > deadline) {
        const missing = everybody.filter(({ isIn }) => !isIn).length;
        metrics.failed.add(missing, { what: 'connection' });
        break;
      }
      await pause(LOOK_EVERY_MS);
    }
    metrics.members.add(everybody.length, { worker: `${this.#options.worker}` });
  }

  #cut(): void {
    const share = this.#options.cast.parameters['cut-percent'] / 100;
    for (const { members } of this.#rooms)
      for (const member of members) if (Math.random() < share) member.cut();
  }

  async #settle(deadline: number): Promise<void> {
    const runs = [...this.#rooms, ...this.#files];
    while (runs.some(({ isDone }) => !isDone) && Date.now() < deadline) await pause(LOOK_EVERY_MS);
  }

  #judge(beforeMs: number): void {
    for (const room of this.#rooms) room.judge(beforeMs);
  }

  #addressOf({ room }: CastRoom, member: CastMember): MemberAddress {
    const { cast, rsaKeys } = this.#options;
    const [roomId, user, name] = [parseRoomId(room), parseUserId(member.user), parseUserName(member.name)];
    const rsaDecrypt = rsaKeys[member.key];
    if (roomId === undefined || user === undefined || name === undefined || rsaDecrypt === undefined)
      throw new Error('the prepared cast is damaged');
    return {
      url: member.slow ? (cast.slowUrl ?? cast.url) : cast.url,
      origin: cast.origin,
      name,
      user,
      rsaDecrypt,
      room: roomId,
      suite: cast.parameters.suite,
      retentionDays: cast.parameters['retention-days'],
      spreadMs: cast.parameters['spread-ms'],
      isSlow: member.slow,
    };
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}
