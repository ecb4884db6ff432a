import { describe, expect, test } from 'vitest';
import type { ChainName, ChainRecord, ChainStore } from '../../client/crypto/chain-store.ts';
import {
  type ChainId,
  type MessageId,
  parseChainId,
  parseMessageId,
  parseRoomId,
  parseUserId,
  type RoomId,
  type UserId,
} from '../../src/protocol/ids.ts';

export interface ChainStoreUnderTest extends AsyncDisposable {
  readonly store: ChainStore;
  /** Another handle on the same records, as another process has it; the store itself where nobody else can have one. */
  readonly other: ChainStore;
}

const roomOf = (digit: string): RoomId => parseRoomId(digit.repeat(32)) ?? expect.unreachable();
const userOf = (digit: string): UserId => parseUserId(digit.repeat(32)) ?? expect.unreachable();
const chainOf = (digit: string): ChainId => parseChainId(digit.repeat(32)) ?? expect.unreachable();
const messageOf = (n: number): MessageId =>
  parseMessageId(n.toString(16).padStart(32, '0')) ?? expect.unreachable();
const hashOf = (n: number): Uint8Array => new Uint8Array(32).fill(n);

const [lobby, attic] = [roomOf('1'), roomOf('2')];
const ada: ChainName = { sender: userOf('a'), chain: chainOf('3') };
const adaLater: ChainName = { sender: userOf('a'), chain: chainOf('4') };
const bob: ChainName = { sender: userOf('b'), chain: chainOf('3') };

const record = (position: number, number: number): ChainRecord => ({
  position,
  number,
  headerHash: hashOf(position % 256),
});

function add(store: ChainStore, room: RoomId, name: ChainName, ...records: ChainRecord[]): Promise<void> {
  return store.transaction(room, (chains) => {
    for (const each of records) chains(name).add(each, messageOf(each.position));
  });
}

/** Everything that can be asked of a chain at some positions. */
function asked(store: ChainStore, room: RoomId, name: ChainName, positions: readonly number[]) {
  return store.transaction(room, (chains) => {
    const records = chains(name);
    return {
      at: positions.map((position) => records.at(position)?.position),
      below: positions.map((position) => records.below(position)?.position),
      above: positions.map((position) => records.above(position)?.position),
      bound: positions.map((position) => records.positionOf(messageOf(position))),
      floor: records.floor(),
    };
  });
}

/** What every memory of what was accepted has to do. */
export function chainStoreContract(name: string, open: () => Promise<ChainStoreUnderTest>): void {
  describe(`a store of chains (${name})`, () => {
    test('gives back each record as it was added, at its position and as the nearest of others', async () => {
      await using opened = await open();
      const { store } = opened;
      const unlinked = { ...record(9, 4), previousHash: hashOf(200) };
      await add(store, lobby, ada, record(5, 1), record(2, 0), unlinked);
      const found = await store.transaction(lobby, (chains) => [
        chains(ada).at(5),
        chains(ada).at(9),
        chains(ada).below(2 ** 31),
      ]);
      expect(found).toEqual([record(5, 1), unlinked, unlinked]);
      expect(await asked(store, lobby, ada, [1, 2, 3, 5, 9, 10])).toEqual({
        at: [undefined, 2, undefined, 5, 9, undefined],
        below: [undefined, undefined, 2, 2, 5, 9],
        above: [2, 5, 5, 9, undefined, undefined],
        bound: [undefined, 2, undefined, 5, 9, undefined],
        floor: undefined,
      });
    });

    test('holds the highest positions that a server can name like any other', async () => {
      await using opened = await open();
      const { store } = opened;
      const last = Number.MAX_SAFE_INTEGER;
      await add(store, lobby, ada, record(last, 8), record(last - 1, 7));
      expect(await asked(store, lobby, ada, [0, last - 1, last])).toMatchObject({
        at: [undefined, last - 1, last],
        below: [undefined, undefined, last - 1],
        above: [last - 1, last, undefined],
      });
      expect(await store.lastOf(lobby, ada)).toEqual(record(last, 8));
      await store.transaction(lobby, (_, headers) => headers.add(last, hashOf(3)));
      expect(await store.lastOpened(lobby)).toEqual({ position: last, headerHash: hashOf(3) });
      await store.transaction(lobby, (chains) => chains(ada).restart({ position: 3, number: 8 }));
      expect(await store.lastOf(lobby, ada)).toBeUndefined();
    });

    test('keeps chains, senders and rooms apart; only a message id counts for all chains of its sender', async () => {
      await using opened = await open();
      const { store } = opened;
      await add(store, lobby, ada, record(1, 0));
      await add(store, lobby, bob, record(2, 0));
      await add(store, attic, ada, record(3, 0));
      const places = [1, 2, 3];
      expect(await asked(store, lobby, adaLater, places)).toMatchObject({
        at: [undefined, undefined, undefined],
        above: [undefined, undefined, undefined],
        bound: [1, undefined, undefined],
      });
      expect((await asked(store, lobby, ada, places)).at).toEqual([1, undefined, undefined]);
      expect((await asked(store, lobby, bob, places)).at).toEqual([undefined, 2, undefined]);
      expect((await asked(store, attic, ada, places)).bound).toEqual([undefined, undefined, 3]);
      expect(await store.lastOf(attic, ada)).toEqual(record(3, 0));
      expect(await store.lastOf(attic, bob)).toBeUndefined();
    });

    test('sees in a transaction what the same transaction wrote', async () => {
      await using opened = await open();
      const { store } = opened;
      const found = await store.transaction(lobby, (chains, headers, read) => {
        const records = chains(ada);
        chains(ada).add(record(5, 1), messageOf(5));
        headers.add(5, hashOf(1));
        headers.add(5, hashOf(2));
        read.put({ retention: 30, pieces: [{ from: 1, through: 9, at: 4 }] });
        return [records.at(5), records.positionOf(messageOf(5)), headers.at(5), read.get()];
      });
      const pieces = { retention: 30, pieces: [{ from: 1, through: 9, at: 4 }] };
      expect(found).toEqual([record(5, 1), 5, hashOf(1), pieces]);
      expect(await store.transaction(lobby, (_, headers, read) => [headers.at(5), read.get()])).toEqual([
        hashOf(1),
        pieces,
      ]);
    });

    test('begins a chain anew behind a floor, whether or not it had records', async () => {
      await using opened = await open();
      const { store } = opened;
      await add(store, lobby, ada, record(5, 1), record(9, 2));
      await store.transaction(lobby, (chains) => {
        chains(ada).restart({ position: 3, number: 2 });
        chains(ada).add(record(4, 3), messageOf(4));
        chains(bob).restart({ position: 7, number: 6 });
      });
      expect(await asked(store, lobby, ada, [4, 5, 9])).toEqual({
        at: [4, undefined, undefined],
        below: [undefined, 4, 4],
        above: [undefined, undefined, undefined],
        bound: [4, 5, 9],
        floor: { position: 3, number: 2 },
      });
      expect((await asked(store, lobby, bob, [])).floor).toEqual({ position: 7, number: 6 });
    });

    test('forgets what expired, but never the highest record of a chain or the highest opened header', async () => {
      await using opened = await open();
      const { store } = opened;
      await add(store, lobby, ada, record(2, 0), record(5, 1), record(9, 2));
      await add(store, lobby, bob, record(3, 0));
      await add(store, attic, ada, record(2, 0), record(3, 1));
      await store.transaction(lobby, (_, headers) => {
        for (const position of [2, 3, 5, 9]) headers.add(position, hashOf(position));
      });
      await store.forget(lobby, 6);
      expect(await asked(store, lobby, ada, [2, 5, 9])).toMatchObject({
        at: [undefined, undefined, 9],
        bound: [undefined, undefined, 9],
        floor: { position: 5, number: 1 },
      });
      expect(await asked(store, lobby, bob, [3])).toMatchObject({ at: [3], floor: undefined });
      await store.forget(lobby, 1_000);
      expect(await store.lastOf(lobby, ada)).toEqual(record(9, 2));
      expect(await store.lastOpened(lobby)).toEqual({ position: 9, headerHash: hashOf(9) });
      const headers = await store.transaction(lobby, (_, opened) => [2, 3, 5, 9].map((at) => opened.at(at)));
      expect(headers).toEqual([undefined, undefined, undefined, hashOf(9)]);
      expect((await asked(store, attic, ada, [2, 3])).at).toEqual([2, 3]);
    });

    test('runs transactions one after the other, through two handles', async () => {
      await using opened = await open();
      const { store, other } = opened;
      const next = (through: ChainStore): Promise<number> =>
        through.transaction(lobby, (chains) => {
          const last = chains(ada).below(2 ** 31)?.position ?? 0;
          chains(ada).add(record(last + 1, last), messageOf(last + 1));
          return last + 1;
        });
      const taken = await Promise.all(
        Array.from({ length: 60 }, (_, i) => next(i % 2 === 0 ? store : other)),
      );
      expect([...taken].sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
      expect(await other.lastOf(lobby, ada)).toEqual(record(60, 59));
      expect(await store.lastOf(lobby, ada)).toEqual(record(60, 59));
    });

    test('writes nothing of a step that throws, and goes on', async () => {
      await using opened = await open();
      const { store } = opened;
      await add(store, lobby, ada, record(5, 1));
      const failing = store.transaction(lobby, (chains, headers, read) => {
        chains(ada).add(record(6, 2), messageOf(6));
        chains(bob).add(record(7, 0), messageOf(7));
        chains(ada).restart({ position: 8, number: 9 });
        headers.add(6, hashOf(6));
        read.put({ retention: 1, pieces: [] });
        throw new Error('this step fails');
      });
      await expect(failing).rejects.toThrow('this step fails');
      expect(await asked(store, lobby, ada, [5, 6])).toEqual({
        at: [5, undefined],
        below: [undefined, 5],
        above: [undefined, undefined],
        bound: [5, undefined],
        floor: undefined,
      });
      expect(await store.lastOf(lobby, bob)).toBeUndefined();
      expect(await store.lastOpened(lobby)).toBeUndefined();
      expect(await store.transaction(lobby, (_, _opened, read) => read.get())).toBeUndefined();
      await add(store, lobby, ada, record(6, 2));
      expect(await store.lastOf(lobby, ada)).toEqual(record(6, 2));
    });

    test('shares no bytes with its callers', async () => {
      await using opened = await open();
      const { store } = opened;
      const [headerHash, header] = [hashOf(1), hashOf(2)];
      await store.transaction(lobby, (chains, headers) => {
        chains(ada).add({ position: 5, number: 0, headerHash }, messageOf(5));
        headers.add(5, header);
      });
      for (const given of [headerHash, header]) given.fill(0);
      await store.transaction(lobby, (chains, headers) => {
        chains(ada).at(5)?.headerHash.fill(0);
        chains(ada).below(6)?.headerHash.fill(0);
        headers.at(5)?.fill(0);
      });
      (await store.lastOf(lobby, ada))?.headerHash.fill(0);
      (await store.lastOpened(lobby))?.headerHash.fill(0);
      expect((await store.lastOf(lobby, ada))?.headerHash).toEqual(hashOf(1));
      expect((await store.lastOpened(lobby))?.headerHash).toEqual(hashOf(2));
    });
  });
}
