import type { PageBounds, PositionRow } from '../ports/message-store.ts';
import { HISTORY_BYTES_MAX } from '../protocol/limits.ts';
import type { ReplyBody, StoredMessage } from '../protocol/requests.ts';

type OwnRow = Extract<PositionRow, { readonly kind: 'own' }>;

/** One page of history while it is being filled, in either direction. */
export class HistoryPage {
  readonly #order: PageBounds['order'];
  readonly #limit: number;
  readonly #messages: StoredMessage[] = [];
  #byteCount = 0;
  #isFull = false;

  constructor(order: PageBounds['order'], limit: number) {
    this.#order = order;
    this.#limit = limit;
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  /** Messages that still fit. */
  get wanted(): number {
    return this.#limit - this.#messages.length;
  }

  /** Takes rows in the page's order. Undefined: all of them; else the last position that the page speaks for. */
  add(rows: readonly PositionRow[]): number | undefined {
    for (const row of rows) {
      if (row.kind === 'nothing') continue;
      const byteCount = row.header.length + row.ciphertext.length + row.wrap.length;
      if (this.#messages.length > 0 && this.#byteCount + byteCount > HISTORY_BYTES_MAX) {
        this.#isFull = true;
        return this.#order === 'ascending' ? row.seq - 1 : row.seq + 1;
      }
      this.#messages.push(storedMessage(row));
      this.#byteCount += byteCount;
      if (this.#messages.length === this.#limit) {
        this.#isFull = true;
        return row.seq;
      }
    }
    return undefined;
  }

  reply(through: number, more: boolean): ReplyBody<'history'> {
    const messages = this.#order === 'ascending' ? this.#messages : [...this.#messages].reverse();
    return { messages, through, more };
  }
}

function storedMessage({ seq, at, sender, header, ciphertext, wrap }: OwnRow): StoredMessage {
  return { seq, at, from: sender, header, ciphertext, wrap };
}
