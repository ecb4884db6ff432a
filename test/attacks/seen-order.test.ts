import { beforeAll, describe, expect, it } from 'vitest';
import { MemoryChainStore } from '../../client/crypto/memory-chain-store.ts';
import type { Mark, OpenedMessage, SealedMessage } from '../../client/crypto/suite.ts';
import { suiteOne } from '../../client/crypto/suite-one.ts';
import { parseMessageHeader, type Seen } from '../../src/protocol/layouts/message-header.ts';
import { newPerson, newRoom, opened, type Person, readerOf, Sender } from './people.ts';

let alice: Person;
let bob: Person;
let carol: Person;

beforeAll(async () => {
  [alice, bob, carol] = (await Promise.all(['alice', 'bob', 'carol'].map(newPerson))) as [
    Person,
    Person,
    Person,
  ];
});

/** Three people in one room; Carol reads. */
class Table {
  readonly chains = new MemoryChainStore();
  readonly room = newRoom();
  readonly #senders = new Map<Person, Sender>();

  sender(person: Person): Sender {
    const sender = this.#senders.get(person) ?? new Sender(person, [alice, bob, carol], this.room);
    this.#senders.set(person, sender);
    return sender;
  }

  say(person: Person, text: string, seen: Seen = nothing): Promise<SealedMessage> {
    return this.sender(person).say(text, { seen });
  }

  async read(from: Person, sealed: SealedMessage, seq: number, stored = true): Promise<OpenedMessage> {
    const copy = { ...this.sender(from).copyFor(carol, sealed, seq), stored };
    return opened(copy, readerOf(carol, { people: [alice, bob, carol], chains: this.chains }));
  }

  async marks(...read: Parameters<Table['read']>): Promise<readonly Mark[]> {
    const message = await this.read(...read);
    return message.status === 'ok' ? message.marks : expect.unreachable();
  }
}

const nothing: Seen = { position: 0, headerHash: new Uint8Array(0) };
const at = (position: number, { headerHash }: SealedMessage): Seen => ({ position, headerHash });

describe('a server that shows members different orders', () => {
  it('is found out by who opened both places, whichever was opened first', async () => {
    for (const isLaterFirst of [false, true]) {
      const table = new Table();
      const [yes, no] = [await table.say(alice, 'yes'), await table.say(alice, 'no')];
      // Bob was shown the other one of the two at position 4.
      const answer = await table.say(bob, 'agreed', at(4, no));
      if (isLaterFirst) await table.read(bob, answer, 6);
      await table.read(alice, yes, 4);
      expect(await table.marks(bob, answer, 6)).toEqual(['order_contradicted']);
    }
  });

  it('is found out when a message stands before what its sender had seen, or at its place', async () => {
    for (const position of [2, 3]) {
      const table = new Table();
      const early = await table.say(alice, 'early');
      const answer = await table.say(bob, 'moved up', at(3, early));
      expect(await table.marks(bob, answer, position)).toEqual(['order_contradicted']);
    }
  });

  it('is found out every time that the message is read again', async () => {
    const table = new Table();
    const [yes, no] = [await table.say(alice, 'yes'), await table.say(alice, 'no')];
    const answer = await table.say(bob, 'agreed', at(4, no));
    await table.read(alice, yes, 4);
    for (let reading = 0; reading < 2; reading += 1)
      expect(await table.marks(bob, answer, 6)).toEqual(['order_contradicted']);
  });

  it('cannot change what a sender had seen: it is part of what the content key is bound to', async () => {
    const table = new Table();
    const answer = await table.say(bob, 'agreed', at(4, await table.say(alice, 'no')));
    const honest = parseMessageHeader(answer.header);
    expect(honest).toMatchObject({ ok: true, header: { seen: { position: 4 } } });
    const forged = new Uint8Array(answer.header);
    const place = forged.indexOf(4, forged.length - 70);
    forged[place] = 5;
    expect(parseMessageHeader(forged)).toMatchObject({ ok: true, header: { seen: { position: 5 } } });
    expect(await table.read(bob, { ...answer, header: forged }, 6)).toMatchObject({
      status: 'undecryptable',
    });
  });
});

describe('no mark is made', () => {
  it('of what agrees, of places that were not opened here, and of senders who had seen nothing', async () => {
    const table = new Table();
    const first = await table.say(alice, 'first');
    const second = await table.say(bob, 'second', at(1, first));
    const third = await table.say(alice, 'third', at(7, second));
    expect(await table.marks(alice, third, 8)).toEqual([]);
    expect(await table.marks(alice, first, 1)).toEqual([]);
    expect(await table.marks(bob, second, 7)).toEqual([]);
    expect(await table.marks(bob, await table.say(bob, 'from a new profile'), 9)).toEqual([]);
  });

  it('of positions that may be given twice, and nothing opened there is held against others', async () => {
    const table = new Table();
    const [lost, kept] = [await table.say(alice, 'lost'), await table.say(alice, 'kept')];
    expect(await table.marks(alice, lost, 4, false)).toEqual([]);
    expect(await table.chains.lastOpened(table.room)).toBeUndefined();
    const answer = await table.say(bob, 'agreed', at(4, kept));
    expect(await table.marks(bob, answer, 6)).toEqual([]);
    const stale = await table.say(bob, 'sent again', at(9, kept));
    expect(await table.marks(bob, stale, 7, false)).toEqual([]);
  });

  it('of messages of layout 1, which say nothing', async () => {
    const table = new Table();
    const sender = table.sender(alice);
    const sealed = await suiteOne.seal(sender.draft('plain'));
    expect(parseMessageHeader(sealed.header)).not.toHaveProperty('header.seen');
    expect(await table.marks(alice, sealed, 1)).toEqual([]);
    expect(await table.chains.lastOpened(table.room)).toEqual(at(1, sealed));
  });
});
