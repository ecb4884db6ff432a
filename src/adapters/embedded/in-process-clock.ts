import type {
  ClockMarks,
  EndedSequence,
  EpochLease,
  NextOutcome,
  NextPosition,
  Sequencer,
  SequencerState,
} from '../../ports/sequencer.ts';
import { Unavailable } from '../../ports/unavailable.ts';
import type { RoomId } from '../../protocol/ids.ts';
import type { RelayGate } from './relay-gate.ts';

/** Clocks kept at once. The one that was used longest ago goes first: it is then `missing`, and made again from its record. */
const CLOCKS_MAX = 100_000;
const LEASES_MAX = 10_000;
const GONE_MAX = 100_000;
const GONE_LIFE_MS = 2 * 60 * 60 * 1000;
/** Answers kept for rooms that store nothing; the oldest go early when there are more within REMEMBER_MS. */
const REMEMBERED_MAX = 500_000;
const REMEMBER_MS = 10 * 60 * 1000;

type Clock = { seq: number; version: number; floor: number; ceiling: number; epoch: number };
type Lease = { readonly number: number; readonly holder: string; readonly until: number };
type Remembered = { readonly seq: number; readonly at: number; readonly headerHash: Uint8Array };

/** The clocks of all rooms, for all nodes of this process. Each method is one synchronous, so atomic, step. */
export class ClockTable {
  readonly #now: () => number;
  /** In order of use, the latest last. */
  readonly #clocks = new Map<RoomId, Clock>();
  /** Of whoever makes an epoch, in order of use; few rooms have one at a time. */
  readonly #leases = new Map<RoomId, Lease>();
  /** In order of removal. */
  readonly #gone = new Map<RoomId, { readonly state: SequencerState; readonly until: number }>();
  /** In order of age. */
  readonly #remembered = new Map<string, Remembered>();
  #lastAt = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  next({ room, version, seen, remember }: NextPosition): NextOutcome {
    if (this.#goneState(room) !== undefined) return { kind: 'gone' };
    const clock = this.#use(room);
    if (clock === undefined) return { kind: 'missing' };
    raiseTo(clock, seen);
    // The machine's clock may be set back; time follows order all the same.
    const at = Math.max(this.#lastAt, this.#now());
    const key = remember === undefined ? undefined : `${room}:${remember.key}`;
    const repeat = key === undefined ? undefined : this.#remembered.get(key);
    if (repeat !== undefined && repeat.at > at - REMEMBER_MS) {
      return {
        kind: 'repeat',
        seq: repeat.seq,
        at: repeat.at,
        headerHash: new Uint8Array(repeat.headerHash),
      };
    }
    if (version < clock.floor) return { kind: 'stale', version: clock.version, floor: clock.floor };
    if (clock.seq >= clock.ceiling) return { kind: 'ceiling', ceiling: clock.ceiling };
    clock.seq += 1;
    this.#lastAt = at;
    if (key !== undefined && remember !== undefined) {
      this.#remember(key, { seq: clock.seq, at, headerHash: new Uint8Array(remember.headerHash) });
    }
    return { kind: 'position', seq: clock.seq, at };
  }

  raise(room: RoomId, to: Partial<ClockMarks>): boolean {
    const clock = this.#clocks.get(room);
    if (clock !== undefined) raiseTo(clock, to);
    return clock !== undefined;
  }

  rebuild(room: RoomId, state: ClockMarks): void {
    if (this.#goneState(room) !== undefined) return;
    const clock = this.#clocks.get(room);
    if (clock !== undefined) {
      const { seq: _stays, ...rest } = state;
      raiseTo(clock, rest);
      return;
    }
    const { seq, version, floor, ceiling, epoch = 0 } = state;
    this.#clocks.set(room, { seq, version, floor, ceiling, epoch });
    dropOldest(this.#clocks, CLOCKS_MAX);
  }

  read(room: RoomId): SequencerState | undefined {
    const clock = this.#clocks.get(room);
    return clock === undefined ? this.#goneState(room) : { ...clock, gone: false };
  }

  remove(room: RoomId): void {
    const last = this.#clocks.get(room) ?? { seq: 0, version: 0, floor: 0, ceiling: 0, epoch: 0 };
    this.#clocks.delete(room);
    this.#gone.delete(room);
    this.#gone.set(room, { state: { ...last, gone: true }, until: this.#now() + GONE_LIFE_MS });
    dropOldest(this.#gone, GONE_MAX);
  }

  leaseEpoch({ room, number, holder, lifeMs }: EpochLease): number {
    const nowMs = this.#now();
    const held = this.#leases.get(room);
    if (held !== undefined && held.holder !== holder && held.number >= number && held.until > nowMs)
      return held.until - nowMs;
    this.#leases.delete(room);
    this.#leases.set(room, { number, holder, until: nowMs + lifeMs });
    dropOldest(this.#leases, LEASES_MAX);
    return 0;
  }

  releaseEpoch(room: RoomId, holder: string): void {
    if (this.#leases.get(room)?.holder === holder) this.#leases.delete(room);
  }

  /** How all clocks stand that are kept. */
  standings(): readonly EndedSequence[] {
    return [...this.#clocks].map(([room, { seq, ceiling }]) => ({ room, seq, ceiling }));
  }

  #use(room: RoomId): Clock | undefined {
    const clock = this.#clocks.get(room);
    if (clock === undefined) return undefined;
    this.#clocks.delete(room);
    this.#clocks.set(room, clock);
    return clock;
  }

  #goneState(room: RoomId): SequencerState | undefined {
    const gone = this.#gone.get(room);
    if (gone === undefined) return undefined;
    if (gone.until > this.#now()) return gone.state;
    this.#gone.delete(room);
    return undefined;
  }

  #remember(key: string, answer: Remembered): void {
    this.#remembered.delete(key);
    this.#remembered.set(key, answer);
    dropOldest(this.#remembered, REMEMBERED_MAX);
    for (const [oldKey, old] of this.#remembered) {
      if (old.at > answer.at - REMEMBER_MS) break;
      this.#remembered.delete(oldKey);
    }
  }
}

function raiseTo(clock: Clock, to: Partial<Clock>): void {
  clock.seq = Math.max(clock.seq, to.seq ?? 0);
  clock.version = Math.max(clock.version, to.version ?? 0);
  clock.floor = Math.max(clock.floor, to.floor ?? 0);
  clock.ceiling = Math.max(clock.ceiling, to.ceiling ?? 0);
  clock.epoch = Math.max(clock.epoch, to.epoch ?? 0);
}

function dropOldest<K, V>(entries: Map<K, V>, max: number): void {
  for (const key of entries.keys()) {
    if (entries.size <= max) return;
    entries.delete(key);
  }
}

/** One node's way to the clocks of this process. */
export class InProcessClock implements Sequencer {
  readonly #table: ClockTable;
  readonly #gate: RelayGate;
  readonly #isAlone: boolean;
  #hasEnded = false;

  /** `isAlone`: no other node has this table. */
  constructor(table: ClockTable, gate: RelayGate, isAlone: boolean) {
    this.#table = table;
    this.#gate = gate;
    this.#isAlone = isAlone;
  }

  async end(): Promise<readonly EndedSequence[]> {
    if (!this.#isAlone) return [];
    this.#hasEnded = true;
    return this.#table.standings();
  }

  async next(request: NextPosition): Promise<NextOutcome> {
    await this.#gate.pass('clock');
    if (this.#hasEnded) throw new Unavailable('clock', new Error('the clock has ended'));
    return this.#table.next(request);
  }

  async raise(room: RoomId, at: Partial<ClockMarks>): Promise<boolean> {
    await this.#gate.pass('clock');
    return this.#table.raise(room, at);
  }

  async rebuild(room: RoomId, state: ClockMarks): Promise<void> {
    await this.#gate.pass('clock');
    this.#table.rebuild(room, state);
  }

  async read(rooms: readonly RoomId[]): Promise<readonly (SequencerState | undefined)[]> {
    await this.#gate.pass('clock');
    return rooms.map((room) => this.#table.read(room));
  }

  async leaseEpoch(lease: EpochLease): Promise<number> {
    await this.#gate.pass('clock');
    return this.#table.leaseEpoch(lease);
  }

  async releaseEpoch(room: RoomId, holder: string): Promise<void> {
    await this.#gate.pass('clock');
    this.#table.releaseEpoch(room, holder);
  }

  async remove(room: RoomId): Promise<void> {
    await this.#gate.pass('clock');
    this.#table.remove(room);
  }
}
