import { gapsIn, type PositionSpan } from '../../../src/domain/position-span.ts';
import {
  type AppendOutcome,
  type CopyLife,
  expiryAt,
  type MessageStore,
  type NewMessage,
  type PageBounds,
  type PositionRow,
} from '../../../src/ports/message-store.ts';
import { ID_BYTES, idBytes, type MessageId, type RoomId, type UserId } from '../../../src/protocol/ids.ts';
import { WRAP_BYTES } from '../../../src/protocol/limits.ts';
import { hop } from './hop.ts';

/** Few, so that a test sees more than one. */
const REEXPIRE_BATCH = 3;

/** Stored copies of all nodes of a test. Nothing expires by itself. */
export class MemoryMessages implements MessageStore {
  readonly #rooms = new Map<RoomId, Map<number, NewMessage | PositionSpan>>();

  async append(messages: readonly NewMessage[]): Promise<readonly AppendOutcome[]> {
    await hop();
    return messages.map((message) => this.#appendOne(message));
  }

  async find(room: RoomId, sender: UserId, messageId: MessageId): Promise<NewMessage | undefined> {
    await hop();
    return this.#byId(room, sender, messageId);
  }

  async page(room: RoomId, reader: UserId, bounds: PageBounds): Promise<readonly PositionRow[]> {
    await hop();
    const held = [...this.#room(room)].filter(([seq]) => seq > bounds.after && seq <= bounds.through);
    held.sort(([a], [b]) => a - b);
    const rows: PositionRow[] = [];
    for (const [index, [seq, entry]] of held.entries()) {
      const isSameSpan = isSpan(entry) && held[index - 1]?.[1] === entry;
      const first = isSameSpan ? (rows.pop() ?? { seq }) : { seq };
      rows.push(rowOf(seq, entry, reader, first));
    }
    if (bounds.order === 'descending') rows.reverse();
    return rows.slice(0, bounds.limit);
  }

  async settle(room: RoomId, spans: readonly PositionSpan[]): Promise<boolean> {
    await hop();
    const held = this.#room(room);
    const rows = [...held.keys()].map((seq) => ({ seq }));
    const gaps = spans.flatMap((span) => gapsIn(span, rows));
    for (const gap of gaps) for (let seq = gap.from; seq <= gap.through; seq += 1) held.set(seq, gap);
    return lengthOf(gaps) === lengthOf(spans);
  }

  async reexpire(room: RoomId, life: CopyLife, after: number): Promise<number | undefined> {
    await hop();
    const held = this.#room(room);
    const batch = [...held.keys()]
      .filter((seq) => seq > after)
      .sort((a, b) => a - b)
      .slice(0, REEXPIRE_BATCH);
    for (const seq of batch) {
      const entry = held.get(seq);
      if (entry !== undefined && !isSpan(entry))
        held.set(seq, { ...entry, expiresAt: expiryAt(entry.at, life) });
    }
    return batch.at(-1);
  }

  async purge(room: RoomId): Promise<void> {
    await hop();
    this.#rooms.delete(room);
  }

  /** For tests: everything that is stored of a room, in order. */
  stored(room: RoomId): readonly NewMessage[] {
    return [...this.#room(room)]
      .sort(([a], [b]) => a - b)
      .flatMap(([, entry]) => (isSpan(entry) ? [] : [entry]));
  }

  /** For tests: what the store's own clean-up leaves of a position. */
  expire(room: RoomId, seq: number): void {
    this.#room(room).delete(seq);
  }

  #appendOne(message: NewMessage): AppendOutcome {
    const { room, seq, sender, messageId } = message;
    const same = this.#byId(room, sender, messageId);
    if (same !== undefined)
      return { kind: 'duplicate', seq: same.seq, at: same.at, headerHash: same.headerHash };
    const held = this.#room(room);
    if (held.has(seq)) return { kind: 'taken' };
    held.set(seq, message);
    return { kind: 'stored' };
  }

  #byId(room: RoomId, sender: UserId, messageId: MessageId): NewMessage | undefined {
    for (const entry of this.#room(room).values()) {
      if (!isSpan(entry) && entry.sender === sender && entry.messageId === messageId) return entry;
    }
    return undefined;
  }

  #room(room: RoomId): Map<number, NewMessage | PositionSpan> {
    const held = this.#rooms.get(room) ?? new Map<number, NewMessage | PositionSpan>();
    this.#rooms.set(room, held);
    return held;
  }
}

function lengthOf(spans: readonly PositionSpan[]): number {
  return spans.reduce((sum, { from, through }) => sum + through - from + 1, 0);
}

function isSpan(entry: NewMessage | PositionSpan): entry is PositionSpan {
  return 'through' in entry;
}

function rowOf(
  seq: number,
  entry: NewMessage | PositionSpan,
  reader: UserId,
  first: { readonly seq: number; readonly from?: number },
): PositionRow {
  const from = first.from ?? first.seq;
  if (isSpan(entry)) return from === seq ? { seq, kind: 'nothing' } : { seq, kind: 'nothing', from };
  const at = copyIndex(entry, reader);
  if (at < 0) return { seq, kind: 'nothing' };
  const wrap = entry.wraps.slice(at * WRAP_BYTES, (at + 1) * WRAP_BYTES);
  const { sender, header, ciphertext } = entry;
  return { seq, kind: 'own', at: entry.at, sender, header, ciphertext, wrap };
}

/** Which of a message's copies is this reader's; -1: none. */
export function copyIndex({ recipients }: Pick<NewMessage, 'recipients'>, reader: UserId): number {
  const id = Buffer.from(idBytes(reader));
  for (let index = 0; index * ID_BYTES < recipients.length; index += 1) {
    if (id.equals(recipients.subarray(index * ID_BYTES, (index + 1) * ID_BYTES))) return index;
  }
  return -1;
}
