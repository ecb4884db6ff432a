import { expect, it } from 'vitest';
import type { PositionSpan } from '../../src/domain/position-span.ts';
import type { MessageStore, NewMessage, PositionRow } from '../../src/ports/message-store.ts';
import { chance } from '../support/chance.ts';
import { anyMessage, anyRoomId, anyUserId, type OpenStores } from './support-store.ts';
import { everything, soon } from './support-store-messages.ts';

/** Positions that one round is about. */
const ROUND_POSITIONS = 300;
const FIRST = 1_000;
const SPANS_EACH = 6;
const SPAN_POSITIONS_MAX = 80;
const BATCH_MESSAGES = 60;

/** Everybody appends and settles at the same positions at the same time, and one node sleeps through all of it. */
class Round {
  readonly spans: PositionSpan[] = [];
  readonly stored = new Map<number, NewMessage>();
  readonly taken: number[] = [];
  readonly #room = anyRoomId();
  readonly #reader = anyUserId();
  readonly #random: () => number;
  readonly #passed: { readonly span: PositionSpan; readonly own: ReadonlySet<number> }[] = [];

  constructor(random: () => number) {
    this.#random = random;
  }

  async play(a: MessageStore, b: MessageStore): Promise<void> {
    const acts = [a, b].flatMap((store) => [
      ...Array.from({ length: SPANS_EACH }, () => () => this.#settle(store)),
      ...this.#batches().map((batch) => () => this.#append(store, batch)),
    ]);
    // What the sleeper took its positions for is decided before it wakes up.
    const late = this.#batches();
    acts.sort(() => this.#random() - 0.5);
    await Promise.all(acts.map((act) => act()));
    for (const batch of late) await this.#append(a, batch);
  }

  #below(end: number): number {
    return Math.floor(this.#random() * end);
  }

  #batches(): readonly (readonly NewMessage[])[] {
    const positions = Array.from({ length: ROUND_POSITIONS }, (_, index) => FIRST + index);
    const chosen = positions.filter(() => this.#random() < 0.4).sort(() => this.#random() - 0.5);
    const batches: NewMessage[][] = [];
    for (let at = 0; at < chosen.length; at += BATCH_MESSAGES) {
      const batch = chosen.slice(at, at + BATCH_MESSAGES);
      batches.push(batch.map((seq) => anyMessage({ room: this.#room, seq, to: [this.#reader] })));
    }
    return batches;
  }

  async #append(store: MessageStore, batch: readonly NewMessage[]): Promise<void> {
    const outcomes = await store.append(batch);
    for (const [index, message] of batch.entries()) {
      if (outcomes[index]?.kind === 'taken') this.taken.push(message.seq);
      else {
        // A driver may repeat an insert whose answer came late: then it finds its own message.
        if (outcomes[index]?.kind === 'duplicate')
          expect(outcomes[index]).toMatchObject({ seq: message.seq });
        else expect(outcomes[index]).toEqual({ kind: 'stored' });
        expect(this.stored.has(message.seq)).toBe(false);
        this.stored.set(message.seq, message);
      }
    }
  }

  async #settle(store: MessageStore): Promise<void> {
    const from = FIRST + this.#below(ROUND_POSITIONS);
    const end = FIRST + ROUND_POSITIONS - 1;
    const span = { from, through: Math.min(end, from + this.#below(SPAN_POSITIONS_MAX)) };
    await store.settle(this.#room, [span], soon());
    this.spans.push(span);
    // From now on: whoever reads here may go past the span.
    const bounds = { ...everything, after: span.from - 1, through: span.through };
    const seen = await store.page(this.#room, this.#reader, bounds);
    this.#passed.push({ span, own: ownOf(seen) });
  }

  async verify(store: MessageStore): Promise<number> {
    const bounds = { after: FIRST - 1, through: FIRST + ROUND_POSITIONS - 1 };
    const rows = await store.page(this.#room, this.#reader, { ...everything, ...bounds });
    const settled = new Set(rows.filter(({ kind }) => kind === 'nothing').flatMap(positionsOf));
    const own = ownOf(rows);
    expect([...own].sort((x, y) => x - y)).toEqual([...this.stored.keys()].sort((x, y) => x - y));
    for (const seq of own) expect(settled.has(seq)).toBe(false);
    for (const seq of this.taken) expect(own.has(seq) || settled.has(seq)).toBe(true);
    const inSpans = new Set(this.spans.flatMap(({ from, through }) => positionsOf({ from, seq: through })));
    for (const seq of inSpans) expect(own.has(seq) || settled.has(seq)).toBe(true);
    for (const { span, own: seen } of this.#passed) {
      const later = [...own].filter((seq) => seq >= span.from && seq <= span.through);
      expect(later.sort()).toEqual([...seen].sort());
    }
    return [...this.stored.keys(), ...this.taken].filter((seq) => inSpans.has(seq)).length;
  }
}

function positionsOf(row: { readonly seq: number; readonly from?: number }): readonly number[] {
  const from = row.from ?? row.seq;
  return Array.from({ length: row.seq - from + 1 }, (_, index) => from + index);
}

function ownOf(rows: readonly PositionRow[]): ReadonlySet<number> {
  return new Set(rows.filter(({ kind }) => kind === 'own').map(({ seq }) => seq));
}

export interface Races {
  readonly count: number;
  /** Of who does what; the order in which a store gets to it is its own. */
  readonly seed: number;
}

export function settlingRacesContract(name: string, open: OpenStores, { count, seed }: Races): void {
  it(`in ${name} no append gets into a settled span, and no span covers a stored message, in ${count} races`, {
    timeout: 30 * 60_000,
  }, async () => {
    await using stores = await open();
    const { a, b } = stores;
    const random = chance(seed);
    for (let races = 0; races < count; ) {
      const round = new Round(random);
      await round.play(a.messages, b.messages);
      races += await round.verify(b.messages).catch((error: unknown) => {
        throw new Error(`with TEST_SEED=${seed}, after ${races} races`, { cause: error });
      });
    }
  });
}
