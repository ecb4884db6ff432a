import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseChainId, parseMessageId, parseRoomId, parseUserId } from '../../../src/protocol/ids.ts';
import { type ChainCopy, PageReader } from '../../../test/support/sdk/page-reader.ts';
import type { ChainName } from '../../crypto/chain-store.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const CHAINS = 3;

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the test is broken');
  return value;
}

const id = (number: number): string => number.toString(16).padStart(32, '0');
const room = present(parseRoomId(id(0)));
const nameOf = (chain: number): ChainName => ({
  sender: present(parseUserId(id(1))),
  chain: present(parseChainId(id(1_000 * chain))),
});

interface Message {
  readonly seq: number;
  readonly chain: number;
  readonly number: number;
  readonly at: number;
  readonly withheld: boolean;
}

/** Positions from 1 on; of a chain, of nobody, or one that the server keeps to itself. */
const history = (mayWithhold: boolean): fc.Arbitrary<readonly Message[]> =>
  fc
    .array(
      fc.record({
        chain: fc.integer({ min: -1, max: CHAINS - 1 }),
        hours: fc.integer({ min: 0, max: 30 }),
        withheld: mayWithhold ? fc.boolean() : fc.constant(false),
      }),
      { minLength: 1, maxLength: 40 },
    )
    .map((places) => {
      const numbers = new Map<number, number>();
      let at = 0;
      return places.flatMap(({ chain, hours, withheld }, i) => {
        at += hours * HOUR_MS;
        if (chain < 0) return [];
        const number = numbers.get(chain) ?? 0;
        numbers.set(chain, number + 1);
        return [{ seq: i + 1, chain, number, at, withheld }];
      });
    });

const hashOf = ({ chain, number }: Pick<Message, 'chain' | 'number'>): Uint8Array =>
  new Uint8Array(32).fill(1 + number * CHAINS + chain);

const copyOf = (message: Message): ChainCopy => {
  const { seq: position, chain, number, at } = message;
  const previousHash = number === 0 ? new Uint8Array(0) : hashOf({ chain, number: number - 1 });
  const messageId = present(parseMessageId(id(position)));
  const entry = { position, number, messageId, headerHash: hashOf(message), previousHash, unstored: false };
  return { name: nameOf(chain), entry, at };
};

/** Gives a page of the positions to what lives then, as an honest server does but for what it withholds. */
function readPage(
  reader: PageReader,
  messages: readonly Message[],
  { from, through, joined, now, retention }: PageRead,
): Promise<void> {
  const lowest = Math.max(from, joined + 1);
  const copies = messages.filter(
    ({ seq, at, withheld }) =>
      !withheld && seq >= lowest && seq <= through && at <= now && at > now - retention * DAY_MS,
  );
  const aliveAfter = now - retention * DAY_MS + HOUR_MS;
  return reader.open(copies.map(copyOf), { from: lowest, through, retention, aliveAfter }, joined);
}

interface PageRead {
  readonly from: number;
  readonly through: number;
  readonly joined: number;
  readonly now: number;
  readonly retention: number;
}

test('an honest server never looks like one that withholds, whatever is read in which order, joined, left or expired', async () => {
  const reads = fc.array(
    fc.record({
      /** Undefined: from where the page before ended. */
      from: fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined }),
      size: fc.integer({ min: 1, max: 15 }),
      joined: fc.integer({ min: 0, max: 3 }),
      daysLater: fc.integer({ min: 0, max: 4 }),
      restarts: fc.boolean(),
    }),
    { maxLength: 25 },
  );
  await fc.assert(
    fc.asyncProperty(
      history(false),
      reads,
      fc.integer({ min: 1, max: 8 }),
      fc.boolean(),
      async (messages, pages, retention, laterOnly) => {
        const reader = new PageReader(room);
        const head = messages.at(-1)?.seq ?? 0;
        const written = messages.at(-1)?.at ?? 0;
        let now = laterOnly ? written : 0;
        let joined = 0;
        let next = 1;
        for (const read of pages) {
          const from = read.from ?? next;
          now += read.daysLater * DAY_MS;
          joined = Math.max(joined, read.joined);
          if (read.restarts) reader.restart();
          // A server speaks for nothing that was not sent yet.
          const sent = messages.findLast(({ at }) => at <= now)?.seq ?? 0;
          const through = Math.min(from + read.size - 1, sent, head);
          if (through < from) continue;
          next = through + 1;
          await readPage(reader, messages, { from, through, joined, now, retention });
        }
        expect(reader.gaps).toEqual([]);
      },
    ),
    { numRuns: 500 },
  );
});

test('what is withheld between two messages is told once both and the pages between are read, in any order', async () => {
  const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(history(true), cuts, fc.infiniteStream(fc.nat()), async (messages, at, random) => {
      const reader = new PageReader(room);
      const borders = [...new Set([1, ...at, 41])].sort((a, b) => a - b);
      const pages = borders.slice(1).map((next, i) => ({ from: present(borders[i]), through: next - 1 }));
      const order = pages
        .map((page) => ({ page, key: random.next().value ?? 0 }))
        .sort((a, b) => a.key - b.key);
      const now = messages.at(-1)?.at ?? 0;
      const retention = 1_000;
      for (const { page } of order) await readPage(reader, messages, { ...page, joined: 0, now, retention });
      expect([...reader.gaps].sort(([a], [b]) => a - b)).toEqual(withheldBefore(messages));
    }),
    { numRuns: 500 },
  );
});

/** For each message that was shown: how many of its chain were withheld since the one that was shown before it. */
function withheldBefore(messages: readonly Message[]): readonly (readonly [number, number])[] {
  const shown = messages.filter(({ withheld }) => !withheld);
  return shown.flatMap(({ seq, chain, number }) => {
    const before = shown.findLast((other) => other.chain === chain && other.seq < seq);
    const missing = before === undefined ? 0 : number - before.number - 1;
    return missing > 0 ? [[seq, missing] as const] : [];
  });
}
