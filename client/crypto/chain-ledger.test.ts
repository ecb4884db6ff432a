import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseChainId, parseMessageId, parseRoomId, parseUserId } from '../../src/protocol/ids.ts';
import { type Admission, admit, beforeOf, type ChainEntry, type IsRead } from './chain-ledger.ts';
import type { ChainName } from './chain-store.ts';
import { chainAfter } from './following-chains.ts';
import { MemoryChainStore } from './memory-chain-store.ts';

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the test is broken');
  return value;
}

const room = present(parseRoomId('00'.repeat(16)));
const name: ChainName = {
  sender: present(parseUserId('01'.repeat(16))),
  chain: present(parseChainId('02'.repeat(16))),
};

const hashOf = (number: number): Uint8Array => new Uint8Array(32).fill(number + 1);

/** Message `number` of an honest chain, which the server put at this position. */
const entry = (number: number, position: number): ChainEntry => ({
  position,
  number,
  messageId: present(parseMessageId(number.toString(16).padStart(32, '0'))),
  headerHash: hashOf(number),
  previousHash: number === 0 ? new Uint8Array(0) : hashOf(number - 1),
  unstored: false,
});

/** The same in a room that stores nothing. */
const passing = (number: number, position: number): ChainEntry => ({
  ...entry(number, position),
  unstored: true,
});

const allRead = (): boolean => true;

const put = (store: MemoryChainStore, message: ChainEntry, isRead: IsRead = allRead): Promise<Admission> =>
  store.transaction(room, (chains) => admit(chains, name, message, isRead));

/** Rising positions for the numbers 0, 1, …, with room between them. */
const positions = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 25 }).map((steps) => {
  let position = 0;
  return steps.map((step) => {
    position += step;
    return position;
  });
});

const shuffledSome = positions.chain((places) =>
  fc
    .shuffledSubarray(places.map((place, number) => [number, place] as const))
    .map((order) => ({ places, order })),
);

describe('the chain ledger', () => {
  it('accepts every honest message once and again, in whatever order and with whatever gaps they are read', async () => {
    await fc.assert(
      fc.asyncProperty(shuffledSome, async ({ order }) => {
        const store = new MemoryChainStore();
        for (const [number, place] of order)
          expect(await put(store, entry(number, place))).toMatchObject({ ok: true, reread: false });
        for (const [number, place] of order)
          expect(await put(store, entry(number, place))).toMatchObject({ ok: true, reread: true });
      }),
    );
  });

  it('accepts no message at a second position, and stays as it was', async () => {
    await fc.assert(
      fc.asyncProperty(shuffledSome, fc.nat(), fc.nat(200), async ({ order }, which, elsewhere) => {
        fc.pre(order.length > 0);
        const store = new MemoryChainStore();
        for (const [number, place] of order) await put(store, entry(number, place));
        const [number, place] = present(order[which % order.length]);
        fc.pre(place !== elsewhere);
        expect((await put(store, entry(number, elsewhere))).ok).toBe(false);
        const anew = { ...entry(number, elsewhere), messageId: present(parseMessageId('ff'.repeat(16))) };
        expect((await put(store, anew)).ok).toBe(false);
        for (const [again, at] of order)
          expect(await put(store, entry(again, at))).toMatchObject({ ok: true, reread: true });
      }),
    );
  });

  it('accepts no other message in the place of a recorded one', async () => {
    const store = new MemoryChainStore();
    await put(store, entry(3, 30));
    const other = { ...entry(3, 30), headerHash: hashOf(99) };
    expect(await put(store, other)).toStrictEqual({ ok: false, reason: 'message_id_reused' });
    expect(await put(store, entry(4, 30))).toStrictEqual({ ok: false, reason: 'position_reused' });
  });

  it('binds a message id of one sender for the whole room, whatever the chain', async () => {
    const store = new MemoryChainStore();
    await put(store, entry(0, 10));
    const other = { ...name, chain: present(parseChainId('03'.repeat(16))) };
    const again = await store.transaction(room, (chains) => admit(chains, other, entry(0, 11), allRead));
    expect(again).toStrictEqual({ ok: false, reason: 'message_id_reused' });
    const somebody = { ...name, sender: present(parseUserId('04'.repeat(16))) };
    const theirs = await store.transaction(room, (chains) => admit(chains, somebody, entry(0, 12), allRead));
    expect(theirs).toMatchObject({ ok: true });
  });

  it('tells how many are missing, and corrects itself when they come', async () => {
    const store = new MemoryChainStore();
    const missing = (position: number): Promise<number> =>
      store.transaction(room, (chains) => beforeOf(chains, name, position, allRead).missing);
    expect(await put(store, entry(2, 20))).toMatchObject({ missing: 0 });
    expect(await put(store, entry(6, 60))).toMatchObject({ missing: 3 });
    expect(await put(store, entry(5, 50))).toMatchObject({ missing: 2 });
    expect(await missing(60)).toBe(0);
    await put(store, entry(3, 30));
    await put(store, entry(4, 40));
    expect([await missing(30), await missing(40), await missing(50), await missing(99)]).toStrictEqual([
      0, 0, 0, 0,
    ]);
  });

  it('tells how many are missing between a chain and one that follows it, whichever was read first', async () => {
    const next = { ...name, chain: chainAfter(name.chain) };
    const afterNext = { ...name, chain: chainAfter(next.chain) };
    const unrelated = { ...name, chain: chainAfter(afterNext.chain) };
    const put = (store: MemoryChainStore, of: ChainName, message: ChainEntry): Promise<Admission> =>
      store.transaction(room, (chains) => admit(chains, of, message, allRead));
    const missing = (store: MemoryChainStore, of: ChainName, position: number): Promise<number> =>
      store.transaction(room, (chains) => beforeOf(chains, of, position, allRead).missing);
    const store = new MemoryChainStore();
    await put(store, name, entry(0, 10));
    await put(store, name, entry(1, 20));
    // Number 2 was acknowledged and is withheld; number 3 was not, and what took its place is in the chain after next.
    expect(await put(store, afterNext, entry(3, 40))).toMatchObject({ missing: 1, unread: false });
    expect(await put(store, afterNext, entry(4, 50))).toMatchObject({ missing: 0, unread: false });
    expect(await put(store, name, entry(2, 30))).toMatchObject({ missing: 0 });
    expect(await missing(store, afterNext, 40)).toBe(0);

    const backwards = new MemoryChainStore();
    expect(await put(backwards, next, entry(3, 40))).toMatchObject({ missing: 0, unread: true });
    await put(backwards, name, entry(1, 20));
    await put(backwards, name, entry(0, 10));
    expect(await missing(backwards, next, 40)).toBe(1);

    // The message of unknown fate came: what is missing was told before it.
    const both = new MemoryChainStore();
    await put(both, name, entry(0, 10));
    expect(await put(both, name, entry(2, 30))).toMatchObject({ missing: 1 });
    const instead = { ...entry(2, 40), messageId: present(parseMessageId('ee'.repeat(16))) };
    expect(await put(both, next, instead)).toMatchObject({ missing: 0, unread: false });
    const begun = { ...entry(0, 50), messageId: present(parseMessageId('dd'.repeat(16))) };
    expect(await put(both, unrelated, begun)).toMatchObject({ missing: 0, unread: false });
  });

  it('takes no message for missing that stands before a late one of the chain that was left', async () => {
    const next = { ...name, chain: chainAfter(name.chain) };
    const late = {
      ...entry(1, 40),
      messageId: present(parseMessageId('ee'.repeat(16))),
      headerHash: hashOf(99),
    };
    const put = (of: ChainName, message: ChainEntry): Promise<Admission> =>
      store.transaction(room, (chains) => admit(chains, of, message, allRead));
    const store = new MemoryChainStore();
    await put(name, late);
    expect(await put(next, entry(3, 50))).toMatchObject({ missing: 0, unread: true });
    expect(await put(name, entry(0, 10))).toMatchObject({ missing: 0 });
    // From an acknowledged one on everything was read, and two are not there.
    expect(await store.transaction(room, (chains) => beforeOf(chains, next, 50, allRead))).toEqual({
      missing: 1,
      unread: false,
    });
    await put(next, entry(1, 20));
    expect(await put(next, entry(2, 30))).toMatchObject({ missing: 0, unread: false });
    expect(await store.transaction(room, (chains) => beforeOf(chains, next, 50, allRead))).toEqual({
      missing: 0,
      unread: false,
    });
  });

  it('counts from number 0 of a chain that was left, which is never late', async () => {
    const next = { ...name, chain: chainAfter(name.chain) };
    const store = new MemoryChainStore();
    await put(store, entry(0, 10));
    const admission = await store.transaction(room, (chains) => admit(chains, next, entry(2, 30), allRead));
    expect(admission).toMatchObject({ missing: 1, unread: false });
  });

  it('says of what was not read that it is not known', async () => {
    const store = new MemoryChainStore();
    const isRead = (after: number): boolean => after >= 30;
    expect(await put(store, entry(1, 20), isRead)).toMatchObject({ missing: 0, unread: true });
    expect(await put(store, entry(3, 30), isRead)).toMatchObject({ missing: 0, unread: true });
    expect(await put(store, entry(6, 60), isRead)).toMatchObject({ missing: 2, unread: false });
    expect(await put(store, entry(2, 25), isRead)).toMatchObject({ missing: 0, unread: false });
  });

  it('keeps the high end and a floor when expired copies are forgotten', async () => {
    const store = new MemoryChainStore();
    for (const number of [0, 1, 2, 3]) await put(store, entry(number, 10 * (number + 1)));
    await store.forget(room, 1000);
    expect(await put(store, entry(3, 40))).toMatchObject({ ok: true, reread: true });
    expect(await put(store, entry(2, 30))).toStrictEqual({ ok: false, reason: 'expired' });
    expect(await put(store, entry(3, 50))).toStrictEqual({ ok: false, reason: 'number_reused' });
    expect(await put(store, { ...entry(4, 50), previousHash: hashOf(9) })).toStrictEqual({
      ok: false,
      reason: 'link_differs',
    });
    expect(await put(store, entry(4, 50))).toMatchObject({ ok: true, missing: 0 });
  });
});

/** Where an honest server puts the numbers 0, 1, … of a room that stores nothing: now and then it begins again lower down. */
const repeatedPositions = fc
  .array(fc.record({ step: fc.integer({ min: 1, max: 3 }), again: fc.boolean(), to: fc.nat(10) }), {
    minLength: 2,
    maxLength: 25,
  })
  .map((steps) => {
    let position = 0;
    return steps.map(({ step, again, to }) => {
      position = (again ? Math.min(position, to) : position) + step;
      return position;
    });
  });

describe('the chain ledger of a room that stores nothing', () => {
  it('accepts every honest message, wherever positions begin again', async () => {
    await fc.assert(
      fc.asyncProperty(repeatedPositions, async (places) => {
        const store = new MemoryChainStore();
        for (const [number, place] of places.entries())
          expect(await put(store, passing(number, place))).toEqual({
            ...{ ok: true, reread: false, missing: 0, unread: false },
          });
      }),
    );
  });

  it('accepts nothing a second time, at whatever position', async () => {
    await fc.assert(
      fc.asyncProperty(repeatedPositions, fc.nat(), fc.nat(80), async (places, which, elsewhere) => {
        const store = new MemoryChainStore();
        for (const [number, place] of places.entries()) await put(store, passing(number, place));
        const number = which % places.length;
        fc.pre(places[number] !== elsewhere);
        expect((await put(store, passing(number, elsewhere))).ok).toBe(false);
        const anew = { ...passing(number, elsewhere), messageId: present(parseMessageId('ff'.repeat(16))) };
        expect((await put(store, anew)).ok).toBe(false);
      }),
    );
  });

  it('does not go on with a message that names another before it', async () => {
    const store = new MemoryChainStore();
    for (const [number, place] of [4, 5, 6].entries()) await put(store, passing(number, place));
    const other = { ...passing(3, 2), previousHash: hashOf(9) };
    expect(await put(store, other)).toEqual({ ok: false, reason: 'link_differs' });
    expect(await put(store, passing(2, 6))).toMatchObject({ ok: true, reread: true });
  });

  it('does not know what was lost where positions began again', async () => {
    const store = new MemoryChainStore();
    for (const [number, place] of [4, 5, 6].entries()) await put(store, passing(number, place));
    expect(await put(store, passing(5, 5))).toMatchObject({ ok: true, missing: 0, unread: true });
  });

  it('keeps to positions while the room stores its messages', async () => {
    const store = new MemoryChainStore();
    for (const [number, place] of [4, 5, 6].entries()) await put(store, passing(number, place));
    expect(await put(store, entry(3, 5))).toEqual({ ok: false, reason: 'position_reused' });
    expect(await put(store, entry(3, 2))).toEqual({ ok: false, reason: 'out_of_order' });
  });
});
