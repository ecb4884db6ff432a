import { describe, expect, test } from 'vitest';
import type { ChainStore } from '../../client/crypto/chain-store.ts';
import { chainAfter } from '../../client/crypto/following-chains.ts';
import { systemClock } from '../../client/sdk/connection/clock.ts';
import { SenderChains } from '../../client/sdk/rooms/sender-chains.ts';
import type { StateStore } from '../../client/sdk/storage/state-store.ts';
import { parseMessageId, parseRoomId, parseUserId } from '../../src/protocol/ids.ts';

interface SenderStores {
  readonly state: StateStore;
  readonly chains: ChainStore;
}

export interface SenderStoresUnderTest extends AsyncDisposable {
  readonly stores: SenderStores;
  /** Other handles on the same records, as another process has them; the same where nobody else can have any. */
  readonly others: SenderStores;
}

const room = parseRoomId('1'.repeat(32)) ?? expect.unreachable();
const user = parseUserId('a'.repeat(32)) ?? expect.unreachable();
const message = parseMessageId('5'.repeat(32)) ?? expect.unreachable();
const nowhere = { headAtEntry: 0, find: () => Promise.resolve({ found: false, through: 0 }) };
const hash = new Uint8Array(32).fill(7);

/** What the chains that a profile sends on have to do on every pair of stores. */
export function senderChainsContract(name: string, open: () => Promise<SenderStoresUnderTest>): void {
  describe(`the chains of senders (${name})`, () => {
    const running = new Set<string>();
    function sendersOf({ state, chains }: SenderStores, holder: string, copy = 'one'): SenderChains {
      running.add(holder);
      const sharing = { holder, copy, mayRun: (other: string) => running.has(other) };
      return new SenderChains({ state, chains, sharing, clock: systemClock, account: { user } });
    }

    test('go on in another process where the one before gave them back', async () => {
      await using opened = await open();
      const held = await sendersOf(opened.stores, 'first').take(room, nowhere);
      await held.acknowledged(1, hash);
      await held.giveBack();
      const next = await sendersOf(opened.others, 'second').take(room, nowhere);
      expect(next.own).toMatchObject({ chain: held.own.chain, number: 1, previousHash: hash });
    });

    test('are never two senders’ at once, however many take one at the same moment', async () => {
      await using opened = await open();
      const held = await Promise.all(
        Array.from({ length: 12 }, (_, i) =>
          sendersOf(i % 2 === 0 ? opened.stores : opened.others, `process ${i}`).take(room, nowhere),
        ),
      );
      expect(new Set(held.map(({ own }) => own.chain)).size).toBe(held.length);
    });

    test('are followed, and not gone on with, where their holder died', async () => {
      await using opened = await open();
      const before = await sendersOf(opened.stores, 'first').take(room, nowhere);
      await before.acknowledged(1, hash);
      await before.giveBack();
      const held = await sendersOf(opened.stores, 'mortal').take(room, nowhere);
      await held.acknowledged(2, new Uint8Array(32));
      running.delete('mortal');
      const heir = await sendersOf(opened.others, 'heir').take(room, nowhere);
      expect(heir.own).toMatchObject({ chain: chainAfter(held.own.chain), number: 1, previousHash: hash });
    });

    test('are left where this profile has read a message of theirs that it did not send', async () => {
      await using opened = await open();
      const { stores } = opened;
      const held = await sendersOf(stores, 'sender').take(room, nowhere);
      await held.giveBack();
      const name = { sender: user, chain: held.own.chain };
      await stores.chains.transaction(room, (chains) =>
        chains(name).add({ position: 9, number: 4, headerHash: hash }, message),
      );
      const next = await sendersOf(stores, 'restored').take(room, nowhere);
      expect(next.own.chain).not.toBe(held.own.chain);
    });

    test('are not used in a copy of the profile', async () => {
      await using opened = await open();
      const held = await sendersOf(opened.stores, 'original').take(room, nowhere);
      await held.giveBack();
      const copied = await sendersOf(opened.stores, 'copied', 'another').take(room, nowhere);
      expect(copied.own.chain).not.toBe(held.own.chain);
    });
  });
}
