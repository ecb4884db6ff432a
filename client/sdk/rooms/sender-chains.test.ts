import { describe, expect, test } from 'vitest';
import { refuse } from '../../../src/protocol/error-reply.ts';
import { parseRoomId, parseUserId } from '../../../src/protocol/ids.ts';
import type { MessageHeader } from '../../../src/protocol/layouts/message-header.ts';
import { changed, flipped, showHistory } from '../../../test/support/hostile/show-history.ts';
import { type Account, headerOf, LiveFixture, lobby, taken } from '../../../test/support/sdk/live-fixture.ts';
import { chainAfter, isSameOrLater } from '../../crypto/following-chains.ts';
import { MemoryChainStore } from '../../crypto/memory-chain-store.ts';
import { systemClock } from '../connection/clock.ts';
import type { AccountStorage, Room } from '../index.ts';
import { MemoryState } from '../storage/memory-state.ts';
import { parseRecord, SENDER_CHAINS_MAX, senderChainsRecord } from '../storage/records.ts';
import { type Sharing, unshared } from '../storage/sharing.ts';
import { SENDER_ROOMS_MAX, SenderChains } from './sender-chains.ts';

/** Chain and number of what a room has stored. */
const placesIn = async (
  fixture: LiveFixture,
  { id }: Room,
  member: Account,
): Promise<readonly Pick<MessageHeader, 'chain' | 'number'>[]> =>
  (await fixture.headers(id, member)).map(({ chain, number }) => ({ chain, number }));

/** What was sent to the only room of a test, each message once. */
const sentTo = ({ server }: LiveFixture): readonly MessageHeader[] =>
  server.bodies('send').map(({ header }) => headerOf(header));
const numbersIn = (fixture: LiveFixture): readonly number[] => sentTo(fixture).map(({ number }) => number);
const chainsIn = (fixture: LiveFixture): number => new Set(sentTo(fixture).map(({ chain }) => chain)).size;

/** Sends as a process of its own would. */
async function sendOnce(fixture: LiveFixture, storage: AccountStorage, text: string): Promise<void> {
  const client = await fixture.client(storage);
  await client.connect();
  await (await client.room('Lobby')).send(text);
  await client.close();
}

const recordsOf = ({ state }: AccountStorage) => state.list('sender-chains');

/** Puts the records of chains back to what they were. */
async function putBack({ state }: AccountStorage, records: Awaited<ReturnType<typeof recordsOf>>) {
  for (const { key, value } of records)
    await state.update('sender-chains', key, () => ({ value, result: undefined }));
}

const textsOf = (room: Room, count: number): Promise<string[]> =>
  taken(room.follow({ after: 'joined' }), count);

describe('the chain of a profile', () => {
  test('goes on from one process to the next, and each of two at once has its own', async () => {
    await using fixture = await LiveFixture.start();
    const { server } = fixture;
    const { ada, adas, bobs } = await lobby(fixture);
    await adas.send('one');
    await sendOnce(fixture, ada.storage, 'two');
    let isHeld = true;
    server.intercept = ({ name }) =>
      name === 'send' && isHeld ? refuse('unavailable', { retryAfterMs: 20 }) : undefined;
    const held = adas.send('three');
    await expect.poll(() => server.count('send')).toBeGreaterThan(2);
    isHeld = false;
    server.intercept = () => undefined;
    await sendOnce(fixture, ada.storage, 'four');
    await held;
    await sendOnce(fixture, ada.storage, 'five');
    expect(chainsIn(fixture)).toBeLessThanOrEqual(2);
    const known = new Map<string, number>();
    for (const { chain, number } of await placesIn(fixture, adas, ada)) {
      expect(number).toBe((known.get(chain) ?? -1) + 1);
      known.set(chain, number);
    }
    expect((await textsOf(bobs, 5)).sort()).toEqual(['five', 'four', 'one', 'three', 'two']);
  });

  test('is left for the next one where a server acknowledges what was not sent', async () => {
    await using fixture = await LiveFixture.start();
    const { server } = fixture;
    const { ada, adas, bobs } = await lobby(fixture);
    await adas.send('one');
    server.reply('send', (reply) => ({ ...reply, headerHash: new Uint8Array(32) }));
    await expect(adas.send('two')).rejects.toMatchObject({ code: 'trust' });
    server.honest();
    await adas.send('three');
    const [first, second, third] = await placesIn(fixture, adas, ada);
    expect(second).toEqual({ chain: first?.chain, number: 1 });
    expect(third).toEqual({ chain: chainAfter(first?.chain ?? expect.unreachable()), number: 1 });
    expect(await textsOf(bobs, 3)).toEqual(['one', 'two', 'three']);
  });

  test('is not gone on with where the room shows messages of it that the profile does not know', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, bobs } = await lobby(fixture);
    await ada.close();
    await sendOnce(fixture, ada.storage, 'one');
    const before = await recordsOf(ada.storage);
    await sendOnce(fixture, ada.storage, 'two');
    await putBack(ada.storage, before);
    await sendOnce(fixture, ada.storage, 'three');
    expect(numbersIn(fixture)).toEqual([0, 1, 0]);
    expect(chainsIn(fixture)).toBe(2);
    await sendOnce(fixture, ada.storage, 'four');
    expect(numbersIn(fixture)).toEqual([0, 1, 0, 1]);
    expect(await textsOf(bobs, 4)).toEqual(['one', 'two', 'three', 'four']);
  });

  test('is not gone on with where this profile has read such messages, though nothing is stored', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, adas } = await lobby(fixture);
    await ada.close();
    await sendOnce(fixture, ada.storage, 'one');
    const before = await recordsOf(ada.storage);
    await sendOnce(fixture, ada.storage, 'two');
    const again = await fixture.client(ada.storage);
    await again.connect();
    expect(await textsOf(await again.room('Lobby'), 2)).toEqual(['one', 'two']);
    await again.close();
    await fixture.ask(ada, 'update', { room: adas.id, retention: 0 });
    await putBack(ada.storage, before);
    await sendOnce(fixture, ada.storage, 'three');
    expect(numbersIn(fixture)).toEqual([0, 1, 0]);
  });

  test('goes on where a server makes messages of it up, and without a question where nothing came since', async () => {
    await using fixture = await LiveFixture.start();
    const { server } = fixture;
    const { ada } = await lobby(fixture);
    await ada.close();
    await sendOnce(fixture, ada.storage, 'one');
    await sendOnce(fixture, ada.storage, 'two');
    expect(server.count('history')).toBe(0);
    const before = await recordsOf(ada.storage);
    await sendOnce(fixture, ada.storage, 'three');
    showHistory(
      server,
      changed(2, ({ ciphertext }) => ({ ciphertext: flipped(ciphertext) })),
    );
    await putBack(ada.storage, before);
    await sendOnce(fixture, ada.storage, 'four');
    expect(server.count('history')).toBe(1);
    expect(numbersIn(fixture)).toEqual([0, 1, 2, 2]);
    expect(chainsIn(fixture)).toBe(1);
  });

  test.each<[string, (ada: Account, room: Room) => Promise<void>]>([
    ['once the room was left', (ada, room) => room.handOver('Bob').then(() => ada.leave('Lobby'))],
    ['once the account was closed', (ada) => ada.closeAccount()],
  ])('is forgotten %s', async (_, end) => {
    await using fixture = await LiveFixture.start();
    const { ada, adas } = await lobby(fixture);
    await adas.send('one');
    expect(await recordsOf(ada.storage)).toHaveLength(1);
    await end(ada, adas);
    await expect.poll(() => recordsOf(ada.storage)).toEqual([]);
  });
});

describe('the chains that are kept', () => {
  const user = parseUserId('01'.repeat(16)) ?? expect.unreachable();
  const room = (at: number) => parseRoomId(at.toString(16).padStart(32, '0')) ?? expect.unreachable();
  const nowhere = { headAtEntry: 0, find: () => expect.unreachable() };

  function sendersOf(state: MemoryState, sharing: Sharing = unshared): SenderChains {
    const options = { state, chains: new MemoryChainStore(), clock: systemClock, account: { user } };
    return new SenderChains({ ...options, sharing });
  }

  test('of one room are few: of more that send at once, the last ones are kept and nobody is disturbed', async () => {
    const state = new MemoryState();
    const senders = sendersOf(state);
    const held = [];
    for (let at = 0; at < SENDER_CHAINS_MAX + 4; at += 1) held.push(await senders.take(room(1), nowhere));
    expect(new Set(held.map(({ own }) => own.chain)).size).toBe(SENDER_CHAINS_MAX + 4);
    for (const one of held) await one.giveBack();
    const kept = parseRecord(senderChainsRecord, await state.get('sender-chains', room(1)));
    expect(kept?.chains).toHaveLength(SENDER_CHAINS_MAX);
    const again = await senders.take(room(1), nowhere);
    expect(again.own.chain).toBe(held[4]?.own.chain);
  });

  test('begin anew after a first message of unknown fate, which may come late', async () => {
    const senders = sendersOf(new MemoryState());
    const held = await senders.take(room(1), nowhere);
    const { chain } = held.own;
    await held.leave();
    expect(held.own).toMatchObject({ number: 0, previousHash: new Uint8Array(0) });
    expect(isSameOrLater(held.own.chain, chain)).toBe(false);
    const next = held.own.chain;
    await held.acknowledged(1, new Uint8Array(32));
    await held.leave();
    expect(held.own).toMatchObject({ chain: chainAfter(next), number: 1 });
  });

  test('begin anew where a process died before its chain had a number that was written down', async () => {
    const state = new MemoryState();
    const running = new Set(['one', 'two']);
    const senders = (holder: string) =>
      sendersOf(state, { holder, mayRun: (name) => running.has(name), copy: '' });
    const held = await senders('one').take(room(1), nowhere);
    running.delete('one');
    const { own } = await senders('two').take(room(1), nowhere);
    expect(own.number).toBe(0);
    expect(isSameOrLater(own.chain, held.own.chain)).toBe(false);
  });

  test('give no number twice where it can not be written that a message is in doubt', async () => {
    const state = new MemoryState();
    const senders = sendersOf(state);
    const held = await senders.take(room(1), nowhere);
    await held.acknowledged(1, new Uint8Array(32));
    const doubted = held.own;
    state.update = () => Promise.reject(new Error('the disk is full'));
    await held.leave();
    expect(held.own).toMatchObject({ number: 0, previousHash: new Uint8Array(0) });
    expect(held.own.chain).not.toBe(doubted.chain);
    await held.giveBack();
  });

  test('are of as many rooms as a limit says, and go where nothing was sent for longest', async () => {
    const state = new MemoryState();
    const senders = sendersOf(state);
    for (let at = 1; at <= SENDER_ROOMS_MAX + 2; at += 1)
      await (await senders.take(room(at), nowhere)).giveBack();
    const rooms = await state.list('sender-chains');
    expect(rooms).toHaveLength(SENDER_ROOMS_MAX);
    expect(rooms.some(({ key }) => key === room(SENDER_ROOMS_MAX + 2))).toBe(true);
  });
});
