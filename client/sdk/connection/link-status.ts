import type { ConclaveError } from '../errors.ts';
import { Broadcast, type EventQueue } from '../event-queue.ts';

export type ConnectionStatus =
  /** `connect` has not been called. */
  | { readonly state: 'idle' }
  | { readonly state: 'connecting' }
  /** `connection` is the gateway's id of the connection, which stands in its log; absent with an older gateway. */
  | { readonly state: 'online'; readonly connection?: string | undefined }
  /** The next attempt is due in `retryInMs`; `reason` is for people, and the message of `error`. */
  | {
      readonly state: 'waiting';
      readonly retryInMs: number;
      readonly reason: string;
      readonly error: Error & { readonly connection?: string | undefined };
    }
  /** For good: by `close`, or `error` says what a retry cannot help. */
  | { readonly state: 'closed'; readonly error?: ConclaveError };

/** A reader that lags further behind loses the oldest states, never the present one. */
const STATUSES_QUEUED_MAX = 16;

/** The state of a connection, told to any number of readers. */
export class LinkStatus {
  readonly #readers = new Broadcast<ConnectionStatus>({ entriesMax: STATUSES_QUEUED_MAX });
  #now: ConnectionStatus = { state: 'idle' };

  get now(): ConnectionStatus {
    return this.#now;
  }

  set(status: ConnectionStatus): void {
    this.#now = status;
    this.#readers.tell(status);
    if (status.state === 'closed') this.#readers.end();
  }

  follow(): EventQueue<ConnectionStatus> {
    return this.#readers.follow(this.#now);
  }
}
