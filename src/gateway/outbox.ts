import type { Flusher } from './flusher.ts';
import type { FrameQueue } from './frame-queue.ts';
import { OutboundFrame } from './outbound-frame.ts';
import type { Consumer } from './outbox-budget.ts';
import type { Socket } from './socket.ts';

/** What waits for the flusher; from here on the frames are handed to the socket at once, which copies them. */
const QUEUED_BYTES_MAX = 64 * 1024;

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
    const refused = this.#closed ? false : !this.#flusher.write(this.#socket, queue);
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
