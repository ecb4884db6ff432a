import type { Telemetry } from '../ports/telemetry.ts';
import { type FrameQueue, FrameQueuePool } from './frame-queue.ts';
import { OutboxBudget } from './outbox-budget.ts';
import { CORK_BYTES_MAX, type Socket } from './socket.ts';

/** While the last flush was less than this long ago, the next one waits: deliveries then share writes. */
const FLUSH_SPACING_MS = 2;
/** Of a WebSocket frame from a server: 2 to 10 bytes. */
const FRAME_HEADER_BYTES_MAX = 10;

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
  #waiting: Flushable[] = [];
  #spare: Flushable[] = [];
  #immediate: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;
  #scheduled = false;
  #flushedAtMs = Number.NEGATIVE_INFINITY;

  // The batch that #writeBatch writes: fields, so that a cork needs no closure.
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
    outboxes.length = 0;
    this.#spare = outboxes;
    this.#flushedAtMs = performance.now();
  };

  /** Writes a queue in as few writes as may be; false when the socket refused a frame. */
  write(socket: Socket, queue: FrameQueue): boolean {
    this.#socket = socket;
    this.#queue = queue;
    this.#refused = false;
    let from = 0;
    while (from < queue.count && !this.#refused) {
      const to = endOfBatch(queue, from);
      this.#from = from;
      this.#to = to;
      if (to - from === 1) this.#writeBatch();
      else socket.cork(this.#writeBatch);
      from = to;
    }
    this.telemetry.flushed(queue.count, queue.bytes);
    this.#socket = undefined;
    this.#queue = undefined;
    return !this.#refused;
  }

  readonly #writeBatch = (): void => {
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
function endOfBatch(queue: FrameQueue, from: number): number {
  let bytes = 0;
  for (let i = from; i < queue.count; i += 1) {
    bytes += (queue.frames[i]?.bytes.length ?? 0) + FRAME_HEADER_BYTES_MAX;
    if (bytes > CORK_BYTES_MAX && i > from) return i;
  }
  return queue.count;
}
