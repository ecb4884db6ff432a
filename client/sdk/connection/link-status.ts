import type { ConnectionStatus } from '../api.ts';
import { EventQueue } from '../event-queue.ts';

/** A reader that lags further behind loses the oldest states, never the present one. */
const STATUSES_QUEUED_MAX = 16;

/** The state of a connection, told to any number of readers. */
export class LinkStatus {
  readonly #readers = new Set<EventQueue<ConnectionStatus>>();
  #now: ConnectionStatus = { state: 'idle' };

  get now(): ConnectionStatus {
    return this.#now;
  }

  set(status: ConnectionStatus): void {
    this.#now = status;
    for (const reader of this.#readers) {
      reader.push(status);
      if (status.state === 'closed') reader.end();
    }
  }

  follow(): EventQueue<ConnectionStatus> {
    const reader: EventQueue<ConnectionStatus> = new EventQueue({
      entriesMax: STATUSES_QUEUED_MAX,
      onReturn: () => this.#readers.delete(reader),
    });
    reader.push(this.#now);
    if (this.#now.state === 'closed') reader.end();
    else this.#readers.add(reader);
    return reader;
  }
}
