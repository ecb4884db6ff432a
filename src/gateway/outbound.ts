import type { Telemetry } from '../ports/telemetry.ts';
import { WRAP_BYTES } from '../protocol/limits.ts';
import { FrameBatch } from './frame-batch.ts';
import { type Consumer, OutboxBudget } from './outbox-budget.ts';
import { CORK_BYTES_MAX, type Socket } from './socket.ts';

/** Queues that are kept for reuse between flushes; more than this many are left to the garbage collector. */
const QUEUES_KEPT_MAX = 1_024;
/** A queue that grew longer than this is not kept. */
const KEPT_LENGTH_MAX = 256;
/** While the last flush was less than this long ago, the next one waits: deliveries then share writes. */
const FLUSH_SPACING_MS = 2;
/** Of a WebSocket frame from a server: 2 to 10 bytes. */
const FRAME_HEADER_BYTES_MAX = 10;
/** What waits for the flusher; from here on frames go to the socket at once. With the largest message that goes beyond, it still is one batch. */
const QUEUED_BYTES_MAX = 64 * 1024;

/** All frames of one delivery. Each begins with the prefix; the wrap behind it is the recipient's own. */
interface Delivery {
  /** The prefix, and all wraps behind it. The first wrap's place becomes everybody's. */
  readonly prefixAndWraps: Uint8Array;
  readonly prefixBytes: number;
  /** A copy: its place is written over. */
  readonly firstWrap: Uint8Array;
}

/**
 * A frame on its way to any number of sessions. A delivery is one frame for all of its recipients: `bytes` ends in
 * the place of a wrap, which every send fills with the recipient's own just before the socket copies it.
 */
export class OutboundFrame {
  readonly bytes: Uint8Array;
  /** Undefined for a frame that is the same for everyone. */
  readonly #delivery: Delivery | undefined;

  private constructor(bytes: Uint8Array, delivery: Delivery | undefined) {
    this.bytes = bytes;
    this.#delivery = delivery;
  }

  get isForAll(): boolean {
    return this.#delivery === undefined;
  }

  static whole(bytes: Uint8Array): OutboundFrame {
    return new OutboundFrame(bytes, undefined);
  }

  /** Takes the bytes over: frames are made within them, without a copy of the message. There is at least one wrap. */
  static delivery(prefixAndWraps: Uint8Array, prefixBytes: number): OutboundFrame {
    const bytes = prefixAndWraps.subarray(0, prefixBytes + WRAP_BYTES);
    const firstWrap = new Uint8Array(bytes.subarray(prefixBytes));
    return new OutboundFrame(bytes, { prefixAndWraps, prefixBytes, firstWrap });
  }

  /** The frame for the recipient whose wrap begins at `wrapAt` of all wraps; valid until the next call. */
  bytesFor(wrapAt: number): Uint8Array {
    const delivery = this.#delivery;
    if (delivery === undefined) return this.bytes;
    const { prefixAndWraps, prefixBytes, firstWrap } = delivery;
    if (wrapAt === 0) this.bytes.set(firstWrap, prefixBytes);
    else {
      // Within one buffer: no view per recipient, and a third of the time of a copy between two.
      const from = prefixBytes + wrapAt;
      prefixAndWraps.copyWithin(prefixBytes, from, from + WRAP_BYTES);
    }
    return this.bytes;
  }
}

/** Frames of one outbox that wait for the next flush. Two arrays of numbers and references: no object per entry. */
class FrameQueue {
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
class FrameQueuePool {
  readonly #free: FrameQueue[] = [];

  take(): FrameQueue {
    return this.#free.pop() ?? new FrameQueue();
  }

  giveBack(queue: FrameQueue): void {
    queue.clear();
    if (this.#free.length < QUEUES_KEPT_MAX && queue.frames.length <= KEPT_LENGTH_MAX) this.#free.push(queue);
  }
}

interface Flushable {
  flush(): void;
}

/**
 * Flushes outboxes: at the end of the turn of the event loop while the node is idle enough, up to 2 ms later under
 * load. A write call costs more than all the rest of a delivery, so the busier the node, the more frames share one.
 */
export class Flusher {
  readonly telemetry: Telemetry;
  readonly outboxBytesMax: number;
  readonly budget: OutboxBudget;
  readonly #pool = new FrameQueuePool();
  #batch: FrameBatch | undefined;
  #waiting: Flushable[] = [];
  #spare: Flushable[] = [];
  #immediate: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;
  #scheduled = false;
  #flushedAtMs = Number.NEGATIVE_INFINITY;

  // The run that #writeRun writes: fields, so that a cork needs no closure.
  #socket: Socket | undefined;
  #queue: FrameQueue | undefined;
  #from = 0;
  #to = 0;
  #refused = false;

  /** `outboxBytesMax` is for one outbox, `totalBytesMax` for all of them together. */
  constructor(telemetry: Telemetry, outboxBytesMax: number, totalBytesMax: number = Number.MAX_SAFE_INTEGER) {
    this.telemetry = telemetry;
    this.outboxBytesMax = outboxBytesMax;
    this.budget = new OutboxBudget(telemetry, totalBytesMax);
  }

  /** The outbox is flushed soon; it fills the queue until then. */
  enqueue(outbox: Flushable): FrameQueue {
    this.#waiting.push(outbox);
    if (!this.#scheduled) this.#schedule();
    return this.#pool.take();
  }

  giveBack(queue: FrameQueue): void {
    this.#pool.giveBack(queue);
  }

  #schedule(): void {
    this.#scheduled = true;
    const waitMs = this.#flushedAtMs + FLUSH_SPACING_MS - performance.now();
    if (waitMs <= 0) this.#immediate = setImmediate(this.#flushAll);
    else this.#timer = setTimeout(this.#flushAll, waitMs);
  }

  readonly #flushAll = (): void => {
    const outboxes = this.#waiting;
    this.#waiting = this.#spare;
    this.#scheduled = false;
    for (const outbox of outboxes) outbox.flush();
    this.#batch?.clear();
    outboxes.length = 0;
    this.#spare = outboxes;
    this.#flushedAtMs = performance.now();
  };

  /** Writes a queue in as few writes as may be; false when the socket refused a frame. */
  write(socket: Socket, queue: FrameQueue, takesBatches: boolean): boolean {
    if (takesBatches) this.#batch ??= new FrameBatch();
    const batch = takesBatches ? this.#batch : undefined;
    this.#socket = socket;
    this.#queue = queue;
    this.#refused = false;
    let from = 0;
    while (from < queue.count && !this.#refused) {
      const to = batch?.endOf(queue, from) ?? endOfRun(queue, from);
      this.#from = from;
      this.#to = to;
      if (to - from === 1) this.#writeRun();
      else if (batch === undefined) socket.cork(this.#writeRun);
      else this.#refused = socket.send(batch.join(queue, from, to)) === 'refused';
      from = to;
    }
    this.telemetry.flushed(queue.count, queue.bytes);
    this.#socket = undefined;
    this.#queue = undefined;
    return !this.#refused;
  }

  readonly #writeRun = (): void => {
    const queue = this.#queue;
    const socket = this.#socket;
    if (queue === undefined || socket === undefined) return;
    for (let i = this.#from; i < this.#to; i += 1) {
      const frame = queue.frames[i];
      if (frame === undefined) continue;
      if (socket.send(frame.bytesFor(queue.wrapAt[i] ?? 0)) === 'refused') {
        this.#refused = true;
        return;
      }
    }
  };

  /** Flushes what waits, then never again. */
  close(): void {
    clearImmediate(this.#immediate);
    clearTimeout(this.#timer);
    this.#flushAll();
    this.#scheduled = true;
    this.budget.close();
  }
}

/** As many frames as fit into the cork buffer: the socket writes each frame beyond it by itself. At least one. */
function endOfRun(queue: FrameQueue, from: number): number {
  let bytes = 0;
  for (let i = from; i < queue.count; i += 1) {
    bytes += (queue.frames[i]?.bytes.length ?? 0) + FRAME_HEADER_BYTES_MAX;
    if (bytes > CORK_BYTES_MAX && i > from) return i;
  }
  return queue.count;
}

export interface OutboxOwner {
  /** More than the cap waits for this client, or a frame was refused: nothing more can be sent in order. */
  outboxOverflowed(): void;
}

/**
 * The frames of one session, in order. They wait here for the end of the turn, and in the socket for a slow client;
 * both together never exceed the cap by more than one queue.
 */
export class Outbox implements Consumer {
  readonly #socket: Socket;
  readonly #flusher: Flusher;
  readonly #owner: OutboxOwner;
  #queue: FrameQueue | undefined;
  bufferedBytes = 0;
  /** Its client asked for them. */
  takesBatches = false;
  #closed = false;

  constructor(socket: Socket, flusher: Flusher, owner: OutboxOwner) {
    this.#socket = socket;
    this.#flusher = flusher;
    this.#owner = owner;
  }

  /** `frame` must not be changed by the caller any more. */
  pushWhole(frame: Uint8Array): void {
    this.push(OutboundFrame.whole(frame), 0);
  }

  /** The hot path: no allocation, no lookup. */
  push(frame: OutboundFrame, wrapAt: number): void {
    if (this.#closed) return;
    let queue = this.#queue;
    if (queue === undefined) {
      queue = this.#flusher.enqueue(this);
      this.#queue = queue;
    }
    queue.push(frame, wrapAt);
    if (queue.bytes > QUEUED_BYTES_MAX) this.flush();
  }

  flush(): void {
    const queue = this.#queue;
    if (queue === undefined) return;
    this.#queue = undefined;
    const refused = this.#closed ? false : !this.#flusher.write(this.#socket, queue, this.takesBatches);
    this.#flusher.giveBack(queue);
    if (this.#closed) return;
    this.noteBuffered();
    if (this.#closed) return;
    if (refused || this.bufferedBytes > this.#flusher.outboxBytesMax) this.#owner.outboxOverflowed();
  }

  /** Takes a new look at what the socket holds. */
  noteBuffered(): void {
    const now = this.#closed ? 0 : this.#socket.bufferedBytes();
    const change = now - this.bufferedBytes;
    if (change === 0) return;
    this.bufferedBytes = now;
    this.#flusher.budget.changed(this, change);
  }

  evict(): void {
    this.#owner.outboxOverflowed();
  }

  /** What waits goes out. False: the socket has to be dropped, since there is no memory for its client to read the rest. */
  flushLast(): boolean {
    this.flush();
    return this.#flusher.budget.mayLeave(this.bufferedBytes);
  }

  /** Drops what waits here. What should still go out is flushed before. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.noteBuffered();
    this.flush();
  }
}
