import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type MessageId,
  parseChainId,
  parseMessageId,
  parseRoomId,
  parseUserId,
  type RoomId,
} from '../../src/protocol/ids.ts';
import type { ChainName, ChainRecord, ChainStore } from '../crypto/chain-store.ts';
import { MemoryChainStore } from '../crypto/memory-chain-store.ts';
import { type LmdbEnvironment, openLmdbEnvironment } from './lmdb-environment.ts';

const id = (digit: string): string => digit.repeat(32);
interface ChainPlace extends ChainName {
  readonly room: RoomId;
}
const scope = (room = '1', chain = '3'): ChainPlace => ({
  room: parseRoomId(id(room)) ?? expect.unreachable(),
  sender: parseUserId(id('2')) ?? expect.unreachable(),
  chain: parseChainId(id(chain)) ?? expect.unreachable(),
});
const message = (n: number): MessageId =>
  parseMessageId(n.toString(16).padStart(32, '0')) ?? expect.unreachable();
const record = (position: number, number: number, linked = true): ChainRecord => ({
  position,
  number,
  headerHash: new Uint8Array(32).fill(position),
  ...(linked ? {} : { previousHash: new Uint8Array(32).fill(200) }),
});

let directory = '';
let disk: LmdbEnvironment;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'conclave-chains-'));
  disk = await openLmdbEnvironment(join(directory, 'state'), randomBytes(32));
});
afterEach(async () => {
  await disk.close();
  await rm(directory, { recursive: true, force: true });
});

/** Everything that can be asked of a chain, as one value. */
function asked(store: ChainStore, of: ChainPlace): Promise<unknown> {
  return store.transaction(of.room, (chains, opened) => {
    const records = chains(of);
    return {
      headers: Array.from({ length: 13 }, (_, n) => opened.at(n)),
      floor: records.floor(),
      at: Array.from({ length: 13 }, (_, n) => [records.at(n), records.below(n), records.above(n)]),
      positions: Array.from({ length: 13 }, (_, n) => records.positionOf(message(n))),
    };
  });
}

describe('chains on disk', () => {
  test('answer as those in memory do, before and after forgetting', async () => {
    const memory = new MemoryChainStore();
    for (const store of [memory, disk.chains]) {
      for (const of of [scope(), scope('1', '4'), scope('5')]) {
        for (const [position, number] of [
          [5, 1],
          [2, 0],
          [9, 4],
          [10, 5],
        ] as const) {
          await store.transaction(of.room, (chains) =>
            chains(of).add(record(position, number, number !== 4), message(position)),
          );
        }
      }
    }
    for (const of of [scope(), scope('1', '4'), scope('5'), scope('6')])
      expect(await asked(disk.chains, of)).toEqual(await asked(memory, of));
    for (const store of [memory, disk.chains]) {
      await store.forget(scope().room, 6);
      await store.forget(scope('5').room, 1_000);
      for (const [of, last] of [
        [scope(), record(10, 5)],
        [scope('5'), record(10, 5)],
        [scope('1', '7'), undefined],
        [scope('6'), undefined],
      ] as const)
        expect(await store.lastOf(of.room, of)).toEqual(last);
    }
    for (const of of [scope(), scope('1', '4'), scope('5'), scope('6')])
      expect(await asked(disk.chains, of)).toEqual(await asked(memory, of));
    for (const store of [memory, disk.chains])
      await store.transaction(scope().room, (chains) => {
        chains(scope()).restart({ position: 3, number: 5 });
        chains(scope()).add(record(4, 6), message(4));
      });
    for (const of of [scope(), scope('1', '4'), scope('5')])
      expect(await asked(disk.chains, of)).toEqual(await asked(memory, of));
  });

  test('remember what was opened at a position first, and the last position, which outlives forgetting', async () => {
    const memory = new MemoryChainStore();
    const hash = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
    const [one, other] = [scope().room, scope('5').room];
    for (const store of [memory, disk.chains]) {
      expect(await store.lastOpened(one)).toBeUndefined();
      for (const [position, fill] of [
        [7, 1],
        [11, 2],
        [3, 3],
        [7, 4],
      ] as const)
        await store.transaction(one, (_, opened) => opened.add(position, hash(fill)));
      await store.transaction(other, (_, opened) => opened.add(1_000, hash(9)));
      expect(await asked(store, scope())).toMatchObject({
        headers: Array.from({ length: 13 }, (_, n) =>
          n === 7 ? hash(1) : n === 11 ? hash(2) : n === 3 ? hash(3) : undefined,
        ),
      });
      expect(await store.lastOpened(one)).toEqual({ position: 11, headerHash: hash(2) });
      await store.forget(one, 8);
      const kept = Array.from({ length: 13 }, (_, n) => (n === 11 ? hash(2) : undefined));
      expect(await asked(store, scope())).toMatchObject({ headers: kept });
      await store.forget(one, 1_000);
      expect(await store.lastOpened(one)).toEqual({ position: 11, headerHash: hash(2) });
      expect(await store.lastOpened(other)).toEqual({ position: 1_000, headerHash: hash(9) });
    }
  });
});
