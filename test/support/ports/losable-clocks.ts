import { ClockTable } from '../../../src/adapters/embedded/in-process-clock.ts';
import { InProcessHub } from '../../../src/adapters/embedded/in-process-hub.ts';
import type {
  ClockMarks,
  EpochLease,
  NextOutcome,
  NextPosition,
  SequencerState,
} from '../../../src/ports/sequencer.ts';
import type { RoomId } from '../../../src/protocol/ids.ts';

/** The embedded relay's clocks, which a test can lose, or set back as a failover does. */
export class LosableClocks extends ClockTable {
  readonly #nowMs: () => number;
  #table: ClockTable;

  constructor(nowMs: () => number) {
    super(nowMs);
    this.#nowMs = nowMs;
    this.#table = new ClockTable(nowMs);
  }

  /** Everything is gone. */
  lose(): void {
    this.#table = new ClockTable(this.#nowMs);
  }

  /** What a replica that lags behind would still know of one room: calling the result makes that all there is. */
  replica(room: RoomId): () => void {
    const state = this.#table.read(room);
    return () => {
      this.lose();
      if (state !== undefined) this.#table.rebuild(room, state);
    };
  }

  override next(request: NextPosition): NextOutcome {
    return this.#table.next(request);
  }

  override raise(room: RoomId, to: Partial<ClockMarks>): boolean {
    return this.#table.raise(room, to);
  }

  override rebuild(room: RoomId, state: ClockMarks): void {
    this.#table.rebuild(room, state);
  }

  override leaseEpoch(lease: EpochLease): number {
    return this.#table.leaseEpoch(lease);
  }

  override releaseEpoch(room: RoomId, holder: string): void {
    this.#table.releaseEpoch(room, holder);
  }

  override read(room: RoomId): SequencerState | undefined {
    return this.#table.read(room);
  }

  override remove(room: RoomId): void {
    this.#table.remove(room);
  }
}

/** Of nodes in one process whose clocks can be lost. */
export class LosableHub extends InProcessHub {
  override readonly clocks: LosableClocks;

  constructor(nowMs: () => number = Date.now) {
    super();
    this.clocks = new LosableClocks(nowMs);
  }
}
