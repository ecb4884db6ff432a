import type { RoomId } from '../protocol/ids.ts';

/** What a node has seen of a room by itself; a clock that lags behind it (a failed-over replica) takes the maximum first. */
export interface Watermark {
  readonly seq: number;
  readonly version: number;
  readonly floor: number;
}

export interface SequencerState extends Watermark {
  readonly ceiling: number;
  /** The highest number of an epoch of this room; 0: none is known. */
  readonly epoch: number;
  /** The room was deleted. */
  readonly gone: boolean;
}

/** What only rises in a clock, beside its positions. */
export type ClockMarks = Watermark & { readonly ceiling: number; readonly epoch?: number };

export interface EpochLease {
  readonly room: RoomId;
  /** Of the epoch that is to be made. */
  readonly number: number;
  /** The session that wants to make it. */
  readonly holder: string;
  readonly lifeMs: number;
}

export interface NextPosition {
  readonly room: RoomId;
  /** Roster version that the message was prepared for. */
  readonly version: number;
  readonly seen: Watermark;
  /**
   * For rooms that store nothing: remembers the answer under this key for 10 minutes, in the same atomic step; asked
   * again with the same key it answers `repeat`, before it looks at the version.
   */
  readonly remember?: { readonly key: string; readonly headerHash: Uint8Array };
}

export type NextOutcome =
  /** `at`: the service's clock, milliseconds since 1970, never less than that of a smaller seq of this clock. */
  | { readonly kind: 'position'; readonly seq: number; readonly at: number }
  | { readonly kind: 'repeat'; readonly seq: number; readonly at: number; readonly headerHash: Uint8Array }
  /** The version is below the floor. */
  | { readonly kind: 'stale'; readonly version: number; readonly floor: number }
  | { readonly kind: 'gone' }
  /** The service lost this clock, or never had it: rebuild it from the room's record. */
  | { readonly kind: 'missing' }
  /** The next position would pass the ceiling: raise it in the record, then here. */
  | { readonly kind: 'ceiling'; readonly ceiling: number };

export interface EndedSequence {
  readonly room: RoomId;
  readonly seq: number;
  readonly ceiling: number;
}

/**
 * Each room's one order. Every method is one atomic step per room, over all nodes. All throw Unavailable when the
 * service does not answer; whether the step happened is then unknown (a position taken so stays empty).
 */
export interface Sequencer {
  /** Takes the maximum with `seen` (seq, version, floor), then gives seq + 1, or says why not. A position is given once. */
  next(request: NextPosition): Promise<NextOutcome>;
  /** Raises what is smaller, lowers nothing. False: the clock is missing or gone, and stays so. */
  raise(room: RoomId, at: Partial<ClockMarks>): Promise<boolean>;
  /** Sets the clock if it is missing; otherwise as raise(), but for seq, which stays. */
  rebuild(room: RoomId, state: ClockMarks): Promise<void>;
  /** One round trip for all; undefined for a missing clock. Same order as asked. */
  read(rooms: readonly RoomId[]): Promise<readonly (SequencerState | undefined)[]>;
  /**
   * Leaves it to one holder to make an epoch: 0 says that it is this one, else another has the lease for this number or a later
   * one, for so many milliseconds. It is lost with the clock, and nobody is bound by it.
   */
  leaseEpoch(lease: EpochLease): Promise<number>;
  /** Ends the lease if it is this holder's. */
  releaseEpoch(room: RoomId, holder: string): Promise<void>;
  /**
   * Ends what this process alone gives positions from: next() is unavailable from then on. Answers how those clocks stand:
   * no position above `seq` was ever given. Empty, and nothing ends, where other nodes go on giving positions.
   */
  end(): Promise<readonly EndedSequence[]>;
  /** The room is deleted: next() answers `gone` for at least an hour, then `missing`. */
  remove(room: RoomId): Promise<void>;
}
