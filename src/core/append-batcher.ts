import type { AppendOutcome, MessageStore, NewMessage } from '../ports/message-store.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { Unavailable } from '../ports/unavailable.ts';

export const APPEND_BATCH_MESSAGES_MAX = 256;
export const APPEND_BATCH_BYTES_MAX = 4 * 1024 * 1024;
/** Further batches are begun only when they are full. */
export const APPEND_BATCHES_AT_ONCE = 4;
/** What waits for a batch; one more message is refused as unavailable. */
export const APPEND_WAITING_BYTES_MAX = 64 * 1024 * 1024;

interface Waiting {
  readonly message: NewMessage;
  readonly byteCount: number;
  readonly resolve: (outcome: AppendOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Appends that wait together go to the store together: at once while the store is idle, else when a batch before
 * returned or a new one is full.
 */
export class AppendBatcher {
  readonly #store: MessageStore;
  readonly #telemetry: Telemetry;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #underWay = 0;
  #isScheduled = false;

  constructor(store: MessageStore, telemetry: Telemetry) {
    this.#store = store;
    this.#telemetry = telemetry;
  }

  /** As MessageStore.append, for one message. Throws Unavailable. */
  append(message: NewMessage): Promise<AppendOutcome> {
    const byteCount =
      message.header.length + message.ciphertext.length + message.wraps.length + message.recipients.length;
    if (this.#waitingBytes + byteCount > APPEND_WAITING_BYTES_MAX) {
      return Promise.reject(new Unavailable('store', new Error('too many messages wait to be stored')));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ message, byteCount, resolve, reject });
      this.#waitingBytes += byteCount;
      this.#schedule();
    });
  }

  /** At the end of the turn, so that messages of one turn share a batch. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    while (this.#waiting.length > 0 && this.#underWay < APPEND_BATCHES_AT_ONCE) {
      const isFull =
        this.#waiting.length >= APPEND_BATCH_MESSAGES_MAX || this.#waitingBytes >= APPEND_BATCH_BYTES_MAX;
      if (this.#underWay > 0 && !isFull) return;
      void this.#send(this.#takeBatch());
    }
  }

  #takeBatch(): readonly Waiting[] {
    let count = 0;
    let byteCount = 0;
    for (const waiting of this.#waiting) {
      if (count > 0 && byteCount + waiting.byteCount > APPEND_BATCH_BYTES_MAX) break;
      if (count === APPEND_BATCH_MESSAGES_MAX) break;
      count += 1;
      byteCount += waiting.byteCount;
    }
    const batch = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    this.#waitingBytes -= byteCount;
    return batch;
  }

  /** Never rejects: its outcome is that of each message in it. */
  async #send(batch: readonly Waiting[]): Promise<void> {
    this.#underWay += 1;
    this.#telemetry.appendBatch(batch.length);
    try {
      const outcomes = await this.#store.append(batch.map(({ message }) => message));
      for (const [index, { resolve, reject }] of batch.entries()) {
        const outcome = outcomes[index];
        if (outcome === undefined) reject(new TypeError('the store gave an outcome too few'));
        else resolve(outcome);
      }
    } catch (error) {
      // Those that waited behind have waited as long: they fail now, not after another timeout.
      const behind = this.#underWay === 1 ? this.#takeAll() : [];
      for (const { reject } of [...batch, ...behind]) reject(error);
    } finally {
      this.#underWay -= 1;
      this.#flush();
    }
  }

  #takeAll(): readonly Waiting[] {
    const all = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    return all;
  }
}
