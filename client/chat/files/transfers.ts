import type { RoomId } from '../../../src/protocol/ids.ts';
import { ConclaveError } from '../../sdk/errors.ts';
import { type FileProgress, percentOf } from '../../sdk/files/file-source.ts';
import { chatTexts } from '../../texts/chat-texts.ts';
import type { FileState } from '../model/entry-file.ts';

/** Each moves a few chunks at a time. */
const TRANSFERS_MAX = 8;

interface Transfer {
  readonly room: RoomId;
  readonly name: string;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
}

/** Files on their way, in and out. They go on while other things are done, until they are cancelled. */
export class Transfers {
  readonly #running = new Set<Transfer>();

  /** Begins `work`, which must not reject. Throws ConclaveError when too much goes on already. */
  begin(room: RoomId, name: string, work: (signal: AbortSignal) => Promise<void>): void {
    if (this.#running.size >= TRANSFERS_MAX)
      throw new ConclaveError('usage', chatTexts.files.too_many(TRANSFERS_MAX));
    const abort = new AbortController();
    const ended = work(abort.signal).finally(() => this.#running.delete(transfer));
    const transfer: Transfer = { room, name, abort, ended };
    this.#running.add(transfer);
  }

  /** Ends the one of this room that began last; its name, or undefined when there is none. */
  cancel(room: RoomId): string | undefined {
    const last = [...this.#running].findLast((each) => each.room === room && !each.abort.signal.aborted);
    last?.abort.abort();
    return last?.name;
  }

  isRunningIn(room: RoomId): boolean {
    return [...this.#running].some((each) => each.room === room);
  }

  /** Ends all of this room. */
  async cancelAll(room: RoomId): Promise<void> {
    const all = [...this.#running].filter((each) => each.room === room);
    for (const { abort } of all) abort.abort();
    await Promise.all(all.map(({ ended }) => ended));
  }
}

const steps = { hashing: 'reading', uploading: 'sending', downloading: 'receiving' } as const;

export function stateOf(progress: FileProgress): FileState {
  return { kind: steps[progress.step], percent: percentOf(progress) };
}

/** Passes a state on only when it is another one: progress is told far more often than its row changes. */
export function whenChanged(show: (state: FileState | undefined) => void): typeof show {
  let shown: FileState | undefined;
  return (state) => {
    if (JSON.stringify(state) === JSON.stringify(shown)) return;
    shown = state;
    show(state);
  };
}
