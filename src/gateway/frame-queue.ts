import type { OutboundFrame } from './outbound-frame.ts';

/** Queues that are kept for reuse between flushes; more than this many are left to the garbage collector. */
const QUEUES_KEPT_MAX = 1_024;
/** A queue that grew longer than this is not kept. */
const KEPT_LENGTH_MAX = 256;

/** Frames of one outbox that wait for the next flush. Two arrays of numbers and references: no object per entry. */
export class FrameQueue {
  readonly frames: (OutboundFrame | undefined)[] = [];
  /** Where the recipient's wrap begins in the wraps of the delivery; 0 for whole frames. */
  readonly wrapAt: number[] = [];
  count = 0;
  bytes = 0;

  push(frame: OutboundFrame, wrapAt: number): void {
    this.frames[this.count] = frame;
    this.wrapAt[this.count] = wrapAt;
    this.count += 1;
    this.bytes += frame.bytes.length;
  }

  /** Keeps the arrays' memory, but nothing alive. */
  clear(): void {
    for (let i = 0; i < this.count; i += 1) this.frames[i] = undefined;
    this.count = 0;
    this.bytes = 0;
  }
}

/** An idle session holds no queue: it borrows one from its first frame to the flush. */
export class FrameQueuePool {
  readonly #free: FrameQueue[] = [];

  take(): FrameQueue {
    return this.#free.pop() ?? new FrameQueue();
  }

  giveBack(queue: FrameQueue): void {
    queue.clear();
    if (this.#free.length < QUEUES_KEPT_MAX && queue.frames.length <= KEPT_LENGTH_MAX) this.#free.push(queue);
  }
}
