import type { ConnectionStatus } from '../api.ts';
import { Broadcast, type EventQueue } from '../event-queue.ts';

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
