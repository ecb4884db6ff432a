import { beforeAll, describe, expect, it } from 'vitest';
import type { OpenedHeaders, RoomChains, RoomPieces } from '../../client/crypto/chain-store.ts';
import { MemoryChainStore } from '../../client/crypto/memory-chain-store.ts';
import type { Reader, ReceivedCopy } from '../../client/crypto/suite.ts';
import { suiteOne } from '../../client/crypto/suite-one.ts';
import type { RoomId } from '../../src/protocol/ids.ts';
import {
  newPerson,
  newRoom,
  open,
  opened,
  outcome,
  type Person,
  present,
  readerOf,
  Sender,
} from './people.ts';

let alice: Person;
let bob: Person;

beforeAll(async () => {
  [alice, bob] = await Promise.all([newPerson('alice'), newPerson('bob')]);
});

/** Messages 0, 1, … of one chain, at positions 10, 20, … */
async function conversation(count: number): Promise<{ copies: readonly ReceivedCopy[]; sender: Sender }> {
  const sender = new Sender(alice, [alice, bob], newRoom());
  const copies: ReceivedCopy[] = [];
  for (let i = 0; i < count; i += 1)
    copies.push(sender.copyFor(bob, await sender.say(`message ${i}`), 10 * (i + 1)));
  return { copies, sender };
}

const reader = (chains?: MemoryChainStore): Reader =>
  readerOf(bob, chains === undefined ? { people: [alice, bob] } : { people: [alice, bob], chains });

async function openAll(copies: readonly ReceivedCopy[], by: Reader): Promise<readonly string[]> {
  const outcomes: string[] = [];
  for (const copy of copies) outcomes.push(await open(copy, by));
  return outcomes;
}

describe('replay', () => {
  it('a message at a second position is refused, now and after a restart', async () => {
    const { copies } = await conversation(2);
    const [first, second] = copies.map((copy) => present(copy));
    const kept = new MemoryChainStore();
    await openAll(copies, reader(kept));
    expect(await open({ ...present(first), seq: 30 }, reader(kept))).toBe('replayed: message_id_reused');
    expect(await open({ ...present(second), seq: 15 }, reader(kept))).toBe('replayed: message_id_reused');
  });

  it('the same message at its own position is a re-read, however often', async () => {
    const { copies } = await conversation(3);
    const by = reader();
    await openAll(copies, by);
    for (const copy of copies) expect(await opened(copy, by)).toMatchObject({ status: 'ok', reread: true });
  });

  it('a message that was sealed again under its id and number is accepted in one form only', async () => {
    const { sender } = await conversation(0);
    const draft = sender.draft('hello');
    const [one, other] = [await suiteOne.seal(draft), await suiteOne.seal(draft)];
    const by = reader();
    expect(await open(sender.copyFor(bob, one, 1), by)).toBe('ok: hello');
    expect(await open(sender.copyFor(bob, other, 1), by)).toBe('replayed: message_id_reused');
    expect(await open(sender.copyFor(bob, other, 2), by)).toBe('replayed: message_id_reused');
  });

  it('a message that was given up does not come back under the number that another one took', async () => {
    const { sender } = await conversation(0);
    const givenUp = await suiteOne.seal(sender.draft('never mind'));
    const taken = await suiteOne.seal(sender.draft('instead'));
    const by = reader();
    expect(await open(sender.copyFor(bob, taken, 1), by)).toBe('ok: instead');
    expect(await open(sender.copyFor(bob, givenUp, 2), by)).toBe('replayed: number_reused');
    expect(await open(sender.copyFor(bob, givenUp, 1), by)).toBe('replayed: position_reused');
  });

  it('an expired message whose record was forgotten is not accepted anew', async () => {
    const { copies, sender } = await conversation(4);
    const kept = new MemoryChainStore();
    await openAll(copies, reader(kept));
    await kept.forget(sender.room, 30);
    expect(await open({ ...present(copies[0]), seq: 5 }, reader(kept))).toBe('replayed: expired');
    expect(await open({ ...present(copies[1]), seq: 50 }, reader(kept))).toBe('replayed: expired');
    expect(await open(present(copies[2]), reader(kept))).toBe('ok: message 2');
  });
});

describe('a page', () => {
  it('holds what its messages would be one after the other, also where some of it is a replay', async () => {
    const { copies } = await conversation(6);
    const [first, second, third, , fifth, sixth] = copies.map((copy) => present(copy));
    const page = [
      present(first),
      present(third),
      { ...present(second), seq: 35 },
      { ...present(first), seq: 40 },
      { ...present(fifth), wrap: new Uint8Array(256) },
      present(sixth),
    ];
    const oneByOne = await openAll(page, reader());
    expect(oneByOne).toEqual([
      ...['ok: message 0', 'ok: message 2', 'replayed: out_of_order', 'replayed: message_id_reused'],
      ...['undecryptable: wrap_does_not_open', 'ok: message 5'],
    ]);
    const together = await suiteOne.open(page, reader());
    expect(together.map(outcome)).toEqual(oneByOne);
    expect(together.map((message) => message.status === 'ok' && message.missing)).toEqual([
      ...[0, 1, false, false],
      ...[false, 2],
    ]);
  });

  it('is recorded in one step, and not at all when that fails', async () => {
    const { copies } = await conversation(3);
    const kept = new OneStepStore();
    const texts = ['ok: message 0', 'ok: message 1', 'ok: message 2'];
    expect((await suiteOne.open(copies, reader(kept))).map(outcome)).toEqual(texts);
    expect(kept.steps).toBe(1);
    kept.fails = true;
    await expect(suiteOne.open(copies, reader(kept))).rejects.toThrow('the disk is full');
  });
});

class OneStepStore extends MemoryChainStore {
  steps = 0;
  fails = false;

  override async transaction<T>(
    room: RoomId,
    step: (chains: RoomChains, opened: OpenedHeaders, read: RoomPieces) => T,
  ): Promise<T> {
    this.steps += 1;
    if (this.fails) throw new Error('the disk is full');
    return super.transaction(room, step);
  }
}

describe('reorder and omission', () => {
  it('two messages of a sender cannot change places', async () => {
    const { copies } = await conversation(3);
    const [first, second, third] = copies.map((copy) => present(copy));
    const by = reader();
    expect(await open({ ...present(second), seq: 10 }, by)).toBe('ok: message 1');
    expect(await open({ ...present(first), seq: 20 }, by)).toBe('replayed: out_of_order');
    expect(await open({ ...present(third), seq: 5 }, by)).toBe('replayed: out_of_order');
  });

  it('withheld messages are counted when something later arrives', async () => {
    const { copies } = await conversation(5);
    const by = reader();
    expect(await opened(present(copies[1]), by)).toMatchObject({ status: 'ok', missing: 0 });
    expect(await opened(present(copies[4]), by)).toMatchObject({ status: 'ok', missing: 2 });
  });

  it('what lies at positions that the reader may not have is not counted as missing', async () => {
    const { copies } = await conversation(5);
    const kept = new MemoryChainStore();
    await open(present(copies[0]), reader(kept));
    const rejoined = readerOf(bob, { people: [alice, bob], chains: kept, readableAfter: 35 });
    expect(await opened(present(copies[3]), rejoined)).toMatchObject({ status: 'ok', missing: 0 });
    expect(await opened(present(copies[4]), rejoined)).toMatchObject({ status: 'ok', missing: 0 });
  });

  it('history may be read forwards, backwards, or from both ends of a gap', async () => {
    const { copies } = await conversation(6);
    const texts = copies.map((_, index) => `ok: message ${index}`);
    expect(await openAll(copies, reader())).toStrictEqual(texts);
    expect(await openAll([...copies].reverse(), reader())).toStrictEqual([...texts].reverse());
    const order = [0, 5, 1, 4, 3, 2];
    const outcomes = await openAll(
      order.map((index) => present(copies[index])),
      reader(),
    );
    expect(outcomes).toStrictEqual(order.map((index) => texts[index]));
  });

  it('a message fills a gap only when it links to its neighbours by hash', async () => {
    const { sender } = await conversation(0);
    const first = await sender.say('first');
    const draft = sender.draft('second');
    const second = await suiteOne.seal(draft);
    const stray = await sender.say('the second, sealed but never acknowledged', {
      messageId: draft.messageId,
    });
    const third = await suiteOne.seal(sender.draft('third', { previousHash: second.headerHash }));
    const by = reader();
    expect(await open(sender.copyFor(bob, first, 1), by)).toBe('ok: first');
    expect(await open(sender.copyFor(bob, third, 3), by)).toBe('ok: third');
    expect(await open(sender.copyFor(bob, stray, 2), by)).toBe('altered: link_differs');
    expect(await open(sender.copyFor(bob, second, 2), by)).toBe('ok: second');
  });

  it('a message that names another predecessor than the one seen is refused', async () => {
    const { sender } = await conversation(0);
    const first = await sender.say('first');
    const second = await sender.say('second', { previousHash: new Uint8Array(32) });
    const by = reader();
    expect(await open(sender.copyFor(bob, first, 1), by)).toBe('ok: first');
    expect(await open(sender.copyFor(bob, second, 2), by)).toBe('altered: link_differs');
  });
});

describe('rolled-back state', () => {
  it('a server that goes back to an older state cannot give later messages earlier positions', async () => {
    const { copies, sender } = await conversation(3);
    const by = reader();
    await openAll(copies, by);
    const later = await sender.say('after the restore');
    expect(await open(sender.copyFor(bob, later, 25), by)).toBe('replayed: out_of_order');
    expect(await open(sender.copyFor(bob, later, 20), by)).toBe('replayed: position_reused');
    expect(await open(sender.copyFor(bob, later, 31), by)).toBe('ok: after the restore');
  });

  it('a refused message leaves no trace that could hide the real one', async () => {
    const { copies } = await conversation(3);
    const by = reader();
    await open(present(copies[0]), by);
    expect(await open({ ...present(copies[2]), seq: 5 }, by)).toBe('replayed: out_of_order');
    expect(await openAll(copies.slice(1), by)).toStrictEqual(['ok: message 1', 'ok: message 2']);
  });
});
