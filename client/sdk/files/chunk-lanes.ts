import { unlessAborted } from './file-source.ts';

/** Chunks that have to arrive before one more is sent at a time. */
const MOVED_PER_LANE = 8;

/**
 * How many chunks of one file are on their way at a time. A gateway drops connections that are slow (16 KB a second), so over a line
 * that is too slow for several none would ever arrive: each that breaks off halves the number, and those that arrive raise it again.
 */
export class ChunkLanes {
  readonly #most: number;
  #open: number;
  #taken = 0;
  #moved = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(most: number) {
    this.#most = most;
    this.#open = most;
  }

  /** True: there was a wait. Rejects with the signal's reason. */
  async enter(signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted();
    let hasWaited = false;
    while (this.#taken >= this.#open) {
      hasWaited = true;
      await unlessAborted(signal, new Promise<void>((resolve) => this.#waiting.push(resolve)));
    }
    this.#taken += 1;
    return hasWaited;
  }

  leave(): void {
    this.#taken -= 1;
    this.#wake();
  }

  narrow(): void {
    this.#open = Math.max(1, Math.floor(this.#open / 2));
    this.#moved = 0;
  }

  widen(): void {
    this.#moved += 1;
    if (this.#moved < MOVED_PER_LANE || this.#open >= this.#most) return;
    this.#moved = 0;
    this.#open += 1;
    this.#wake();
  }

  /** All of them look again: there are few, and one that was aborted must not take the turn of another. */
  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
