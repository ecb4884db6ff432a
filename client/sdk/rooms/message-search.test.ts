import { describe, expect, test } from 'vitest';
import { verifyUser } from '../../../test/support/sdk/decisions.ts';
import { LiveFixture, lobby } from '../../../test/support/sdk/live-fixture.ts';
import { MemoryMessageCache, type RoomMessage } from '../index.ts';
import { folded } from './message-search.ts';

const textsOf = (messages: readonly RoomMessage[]): readonly unknown[] =>
  messages.map((message) => message.type === 'message' && message.text);

describe('a search in opened messages', () => {
  test.each([
    ['case', 'Straße', 'STRASSE'],
    ['the two small sigmas', 'ΛΟΓΟΣ', 'λογος'],
    ['diacritics', 'Crème brûlée', 'creme brulee'],
    ['composed and decomposed letters', 'caf\u00e9', 'cafe\u0301'],
    ['wide and narrow forms', 'Ｆｕｌｌ ｗｉｄｔｈ', 'full width'],
    ['ligatures', 'ﬁnal', 'FINAL'],
    ['Arabic vowel marks', 'مُحَمَّد', 'محمد'],
  ])('makes no difference between %s', (_, one, other) => {
    expect(folded(one)).toBe(folded(other));
  });

  test('keeps apart what spells differently in scripts whose marks are letters', () => {
    expect(folded('कि')).not.toBe(folded('कु'));
    expect(folded('각').includes(folded('가'))).toBe(false);
  });

  test('finds the newest first, without the server, in all rooms or one, and no more than asked for', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, adas, bob, bobs } = await lobby(fixture, { cache: new MemoryMessageCache() });
    await ada.create('Attic');
    await bob.join('Attic');
    for (const text of ['the first key', 'nothing', 'The KEY again']) await adas.send(text);
    await expect.poll(() => bobs.head).toBe(3);
    await bobs.history({ after: 0 });
    const attic = await bob.room('Attic');
    await attic.send('a key of my own');
    await attic.history({ after: 0 });
    await verifyUser(ada, 'Bob');
    await verifyUser(bob, 'Ada');
    await bob.close();

    const offline = await fixture.client(bob.storage);
    const asked = fixture.server.asked.length;
    const found = await offline.search('kéy');
    expect(textsOf(found)).toEqual(['a key of my own', 'The KEY again', 'the first key']);
    expect(found[1]).toMatchObject({
      ...{ type: 'message', room: 'Lobby', seq: 3, from: 'Ada', status: 'ok', trust: 'verified' },
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(textsOf(await offline.search('key', { room: 'lobby' }))).toEqual([
      'The KEY again',
      'the first key',
    ]);
    expect(textsOf(await offline.search('key', { limit: 1 }))).toEqual(['a key of my own']);
    expect(await offline.search('no such thing')).toEqual([]);
    expect(fixture.server.asked).toHaveLength(asked);
  });

  test('finds what a message says now: by its edit, by nothing once it was taken back, and by its sender alone', async () => {
    await using fixture = await LiveFixture.start();
    const { adas, bob, bobs } = await lobby(fixture, { cache: new MemoryMessageCache() });
    const eve = await fixture.user('Eve');
    await eve.join('Lobby');
    const { id: edited } = await adas.send('meet at the old bridge');
    const { id: taken } = await adas.send('the bridge key is 4711');
    await adas.edit(edited, 'meet at the harbour');
    const eves = await eve.room('Lobby');
    await eves.edit(edited, 'meet at the cemetery');
    await eves.retract(edited);
    await bobs.history({ after: 0 });
    expect(textsOf(await bob.search('bridge'))).toEqual(['the bridge key is 4711']);
    expect(await bob.search('harbour')).toMatchObject([{ id: edited, seq: 1, from: 'Ada', trust: 'pinned' }]);
    expect(await bob.search('cemetery')).toEqual([]);
    await adas.retract(taken);
    await adas.edit(taken, 'the bridge key is 4712');
    await bobs.history({ after: 0 });
    expect(await bob.search('bridge')).toEqual([]);
  });

  test('says why it cannot be done', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, bob } = await lobby(fixture, { cache: new MemoryMessageCache() });
    await expect(bob.search('  ')).rejects.toMatchObject({ code: 'usage' });
    await expect(bob.search('x'.repeat(1_001))).rejects.toMatchObject({ code: 'usage' });
    await expect(bob.search('x', { room: 'Nowhere' })).rejects.toMatchObject({ code: 'not_a_member' });
    await expect(ada.search('x')).rejects.toMatchObject({ code: 'usage' });
  });
});
