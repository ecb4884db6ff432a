import { EventQueue } from './event-queue.ts';
import type { Notice } from './notice.ts';

const NOTICES_QUEUED_MAX = 256;

/** Tells notices to any number of readers. */
export class NoticeReaders {
  readonly #queues = new Set<EventQueue<Notice>>();
  readonly push = (notice: Notice): void => {
    for (const queue of this.#queues) queue.push(notice);
  };

  /** `ended`: there will be none. */
  follow(ended: boolean): EventQueue<Notice> {
    const queue: EventQueue<Notice> = new EventQueue({
      entriesMax: NOTICES_QUEUED_MAX,
      onReturn: () => this.#queues.delete(queue),
    });
    if (ended) queue.end();
    else this.#queues.add(queue);
    return queue;
  }

  end(): void {
    for (const queue of this.#queues) queue.end();
  }
}
