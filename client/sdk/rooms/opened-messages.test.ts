import { describe, expect, test, vi } from 'vitest';
import { refuse } from '../../../src/protocol/error-reply.ts';
import {
  changed,
  flipped,
  type HistoryChange,
  repeated,
  showHead,
  showHistory,
} from '../../../test/support/hostile/show-history.ts';
import { type Account, LiveFixture, lobby, taken } from '../../../test/support/sdk/live-fixture.ts';
import {
  type AccountStorage,
  type ConclaveClient,
  MemoryMessageCache,
  type MessageCache,
  memoryStorage,
  type RoomMessage,
} from '../index.ts';

/** How many copies of content keys were decrypted since. */
function unwrapped(): () => number {
  const decrypt = vi.spyOn(globalThis.crypto.subtle, 'decrypt');
  decrypt.mockClear();
  return () =>
    decrypt.mock.calls.filter(([by]) => typeof by === 'object' && 'name' in by && by.name === 'RSA-OAEP')
      .length;
}

/** What another process of the same profile reads. */
async function readAgain(fixture: LiveFixture, storage: AccountStorage): Promise<readonly string[]> {
  const client = await fixture.client(storage);
  await client.connect();
  const room = await client.room('Lobby');
  const texts = await taken(room.follow({ after: 'joined', live: false }), 99);
  const { messages } = await room.history({ after: 0 });
  await client.close();
  return [...texts, ...messages.map((message) => JSON.stringify('marks' in message && message.marks))];
}

const textsOf = (messages: readonly RoomMessage[]): readonly unknown[] =>
  messages.map((message) => message.type === 'message' && message.text);

async function kept(client: ConclaveClient): Promise<readonly unknown[]> {
  return textsOf(await client.search('e'));
}

describe('messages that were opened before', () => {
  test('are not decrypted again, by another process of the profile either', async () => {
    await using fixture = await LiveFixture.start();
    const { adas, bob, bobs } = await lobby(fixture, { cache: new MemoryMessageCache() });
    for (const text of ['one', 'two', 'three']) await adas.send(text);
    const first = unwrapped();
    expect(textsOf((await bobs.history({ after: 0 })).messages)).toEqual(['one', 'two', 'three']);
    expect(first()).toBe(3);
    const again = unwrapped();
    expect(textsOf((await bobs.history({ after: 0 })).messages)).toEqual(['one', 'two', 'three']);
    await bob.close();
    expect((await readAgain(fixture, bob.storage)).slice(0, 3)).toEqual(['one', 'two', 'three']);
    expect(again()).toBe(0);
  });

  test.each<[string, HistoryChange, number?]>([
    ['its ciphertext is changed', changed(0, ({ ciphertext }) => ({ ciphertext: flipped(ciphertext) }))],
    ['its header is changed', changed(0, ({ header }) => ({ header: flipped(header) }))],
    ['its wrap is that of another', changed(0, (_, [, { wrap } = expect.unreachable()]) => ({ wrap }))],
    ['it comes again at another position', repeated(0, 4), 4],
    ['it takes the place of another', changed(1, (_, [first]) => ({ ...first, seq: 2 }))],
    ['its time is told as another', changed(0, () => ({ at: Date.now() - 3 * 86_400_000 }))],
    ['nothing is changed', (messages) => messages],
    ['one before it is withheld', (messages) => messages.filter(({ seq }) => seq !== 2)],
  ])('make no difference to what is told when %s', async (_, attack, head = 3) => {
    await using fixture = await LiveFixture.start();
    const { server } = fixture;
    const { adas, bob, bobs } = await lobby(fixture, { cache: new MemoryMessageCache() });
    const eve = await fixture.user('Eve');
    await eve.join('Lobby');
    for (const text of ['one', 'two', 'three']) await adas.send(text);
    for (const room of [bobs, await eve.room('Lobby')])
      expect(textsOf((await room.history({ after: 0 })).messages)).toEqual(['one', 'two', 'three']);
    await bob.close();
    showHistory(server, attack);
    showHead(server, head);
    expect(await readAgain(fixture, bob.storage)).toEqual(await readAgain(fixture, eve.storage));
  });

  test('do not confirm a wrong room password', async () => {
    await using fixture = await LiveFixture.start();
    const { server } = fixture;
    const ada = await fixture.user('Ada', { cache: new MemoryMessageCache() });
    await ada.create('Vault', { password: 'secret words' });
    const vault = await ada.room('Vault');
    await vault.send('hidden');
    expect(textsOf((await vault.history({ after: 0 })).messages)).toEqual(['hidden']);
    await ada.storage.state.update('secrets', `${vault.id}.1`, () => ({
      value: 'deleted',
      result: undefined,
    }));
    server.intercept = ({ name }) => (name === 'join' ? refuse('already_a_member') : undefined);
    await expect(vault.unlock('wrong words')).rejects.toMatchObject({ code: 'no_such_room_or_password' });
    const [locked] = (await vault.history({ after: 0 })).messages;
    expect(locked).toMatchObject({ status: 'needs_password' });
    await vault.unlock('secret words');
    expect(textsOf((await vault.history({ after: 0 })).messages)).toEqual(['hidden']);
  });

  test('are written in few steps, the last ones when the client closes', async () => {
    await using fixture = await LiveFixture.start();
    const cache = new CountedCache();
    const { adas, bob, bobs } = await lobby(fixture, { cache });
    const all = Array.from({ length: 300 }, (_, i) => `${i}`);
    await Promise.all(all.slice(0, 200).map((text) => adas.send(text)));
    await Promise.all(all.slice(200).map((text) => adas.send(text)));
    expect(await taken(bobs.follow({ after: 'joined' }), 300)).toEqual(all);
    await bob.close();
    expect(cache.writes).toBeGreaterThan(1);
    expect(cache.writes).toBeLessThan(10);
    expect(cache.written).toBe(300);
  });

  test('stay readable when the cache fails at everything', async () => {
    await using fixture = await LiveFixture.start();
    const { adas, bobs } = await lobby(fixture, { cache: new BrokenCache() });
    await adas.send('still here');
    for (let times = 0; times < 2; times += 1)
      expect(textsOf((await bobs.history({ after: 0 })).messages)).toEqual(['still here']);
  });
});

describe('nothing stays of', () => {
  test.each<[string, (scene: Awaited<ReturnType<typeof lobby>>, fixture: LiveFixture) => unknown]>([
    ['a room that was left', ({ bob }) => bob.leave('Lobby')],
    ['a room that one was removed from', ({ adas }) => adas.kick('Bob')],
    ['a room that was deleted', ({ adas }) => adas.delete()],
    ['a room that another session left', leftElsewhere],
    ['a room that now stores nothing', ({ adas }) => adas.setRetention(0)],
  ])('%s', async (_, end) => {
    await using fixture = await LiveFixture.start();
    const cache = new MemoryMessageCache();
    const scene = await lobby(fixture, { cache });
    const { ada, adas, bob, bobs } = scene;
    await ada.create('Attic');
    await bob.join('Attic');
    await adas.send('read in the lobby');
    await (await ada.room('Attic')).send('read in the attic');
    await bobs.history({ after: 0 });
    await (await bob.room('Attic')).history({ after: 0 });
    expect(await kept(bob)).toHaveLength(2);
    await end(scene, fixture);
    await expect.poll(() => entriesOf(cache)).toBe(1);
    expect(await kept(bob)).toEqual(['read in the attic']);
  });

  test.each<[string, (bob: ConclaveClient) => Promise<void>]>([
    ['once all sessions were ended', (bob) => bob.logout({ everywhere: true })],
    ['once the account was closed', (bob) => bob.closeAccount()],
  ])('any room %s', async (_, end) => {
    await using fixture = await LiveFixture.start();
    const cache = new MemoryMessageCache();
    const { adas, bob, bobs } = await lobby(fixture, { cache });
    await adas.send('read');
    await bobs.history({ after: 0 });
    expect(await kept(bob)).toEqual(['read']);
    await end(bob);
    expect(await entriesOf(cache)).toBe(0);
  });

  test('messages that could not be read', async () => {
    await using fixture = await LiveFixture.start();
    const cache = new MemoryMessageCache();
    const { adas, bob, bobs } = await lobby(fixture, { cache });
    await adas.send('fine');
    await adas.send('broken');
    await expect.poll(() => bobs.head).toBe(2);
    showHistory(
      fixture.server,
      changed(1, ({ ciphertext }) => ({ ciphertext: flipped(ciphertext) })),
    );
    await bobs.history({ after: 0 });
    await bob.close();
    expect(await entriesOf(cache)).toBe(1);
  });
});

async function entriesOf(cache: MessageCache): Promise<number> {
  let entries = 0;
  for await (const _ of cache.newest(undefined, Date.now())) entries += 1;
  return entries;
}

async function leftElsewhere({ bob }: { readonly bob: Account }, fixture: LiveFixture): Promise<void> {
  const elsewhere = await fixture.client({ ...bob.storage, state: memoryStorage(bob.storage.account).state });
  await elsewhere.connect();
  await elsewhere.leave('Lobby');
}

class CountedCache extends MemoryMessageCache {
  writes = 0;
  written = 0;

  override write(...given: Parameters<MessageCache['write']>): Promise<void> {
    this.writes += 1;
    this.written += given[0].length;
    return super.write(...given);
  }
}

class BrokenCache extends MemoryMessageCache {
  override get = fails;
  override write = fails;
  override terms = fails;
}

function fails(): Promise<never> {
  return Promise.reject(new Error('the disk is gone'));
}
