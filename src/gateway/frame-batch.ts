import { BATCH_BYTES_MAX, BATCH_FRAMES_MAX } from '../protocol/limits.ts';

interface JoinableFrame {
  readonly bytes: Uint8Array;
  /** It is the same for every session. */
  readonly isForAll: boolean;
  /** Valid until the next call. */
  bytesFor(wrapAt: number): Uint8Array;
}

/** The first `count` frames wait for one session, each with the place of its wrap. */
interface WaitingFrames {
  readonly frames: readonly (JoinableFrame | undefined)[];
  readonly wrapAt: readonly number[];
  readonly count: number;
}

/** Joins frames into one message. Sessions with the same list of frames in a flush share the result, so nothing is allocated per session. */
export class FrameBatch {
  readonly #bytes = new Uint8Array(BATCH_BYTES_MAX);
  /** The frames that were joined, if their bytes are the same for every session; otherwise empty. */
  readonly #frames: JoinableFrame[] = [];
  #message: Uint8Array = this.#bytes;

  /** Where the batch that begins at `from` ends. It has at least one frame, which alone may be too long for a batch. */
  endOf(queue: WaitingFrames, from: number): number {
    const framesEnd = Math.min(queue.count, from + BATCH_FRAMES_MAX);
    let byteCount = 0;
    for (let i = from; i < framesEnd; i += 1) {
      byteCount += queue.frames[i]?.bytes.length ?? 0;
      if (byteCount > BATCH_BYTES_MAX && i > from) return i;
    }
    return framesEnd;
  }

  /** The frames from `from` up to `to` of a queue; valid until the next call. */
  join(queue: WaitingFrames, from: number, to: number): Uint8Array {
    if (!this.#holds(queue, from, to)) this.#copy(queue, from, to);
    return this.#message;
  }

  #holds(queue: WaitingFrames, from: number, to: number): boolean {
    const { length } = this.#frames;
    if (length !== to - from) return false;
    for (let i = 0; i < length; i += 1) if (queue.frames[from + i] !== this.#frames[i]) return false;
    return true;
  }

  #copy(queue: WaitingFrames, from: number, to: number): void {
    this.#frames.length = 0;
    let [byteCount, isForAll] = [0, true];
    for (let i = from; i < to; i += 1) {
      const frame = queue.frames[i];
      if (frame === undefined) continue;
      this.#bytes.set(frame.bytesFor(queue.wrapAt[i] ?? 0), byteCount);
      byteCount += frame.bytes.length;
      isForAll &&= frame.isForAll;
      this.#frames.push(frame);
    }
    if (!isForAll) this.#frames.length = 0;
    this.#message = this.#bytes.subarray(0, byteCount);
  }

  /** Releases the frames, and keeps the buffer. */
  clear(): void {
    this.#frames.length = 0;
  }
}
