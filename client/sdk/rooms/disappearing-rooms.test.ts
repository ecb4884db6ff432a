import { describe, expect, test } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { repeated, showHead, showHistory } from '../../../test/support/hostile/show-history.ts';
import { LiveFixture, lobby } from '../../../test/support/sdk/live-fixture.ts';
import { systemClock } from '../connection/clock.ts';
import { MemoryMessageCache, type MessageCache, type RoomMessage } from '../index.ts';

/** Everything that a cache holds, as text. */
async function heldIn(cache: MessageCache): Promise<string> {
  const held: string[] = [];
  for await (const { value } of cache.newest(undefined, Date.now())) held.push(Buffer.from(value).toString());
  return held.join();
}

const saidIn = (messages: readonly RoomMessage[]): readonly unknown[] =>
  messages.map((message) =>
    message.type === 'message' || message.type === 'edit'
      ? [message.text, message.disappeared === true]
      : message.type,
  );

describe('a message with a life', () => {
  test('goes from what is read, kept and found once it was shown that long, and whoever shows it is told', async () => {
    await using fixture = await LiveFixture.start();
    const cache = new MemoryMessageCache();
    const { adas, bob, bobs } = await lobby(fixture, { cache });
    const { id } = await adas.send('the code is 4711', { expires: 5 });
    await adas.edit(id, 'sorry, the code is 4712', { expires: 5 });
    await adas.send('hello');
    const changes = bobs.changes();
    const { messages } = await bobs.history({ after: 0 });
    expect(messages[0]).toMatchObject({ text: 'the code is 4711', expires: 5 });
    await bobs.shown(messages);
    expect(await bob.search('4712')).toMatchObject([{ text: 'sorry, the code is 4712' }]);
    expect(await heldIn(cache)).toContain('4711');
    let told: unknown;
    for await (const change of changes) {
      if (change.type !== 'messages-disappeared') continue;
      told = change.messages.map((message) => message.id);
      break;
    }
    expect(told).toEqual([id, id]);
    await eventually(async () => expect(await heldIn(cache)).not.toContain('471'));
    expect(await bob.search('471')).toEqual([]);
    expect(saidIn((await bobs.history({ after: 0 })).messages)).toEqual([
      ['', true],
      ['', true],
      ['hello', false],
    ]);
    expect(await heldIn(cache)).toContain('hello');
  });

  test('is kept by no process of the profile once it is over, nor found before anybody enters its room', async () => {
    await using fixture = await LiveFixture.start();
    const cache = new MemoryMessageCache();
    const { adas, bob, bobs } = await lobby(fixture, { cache });
    await adas.send('the code is 4711', { expires: 60 });
    await bobs.shown((await bobs.history({ after: 0 })).messages);
    await bob.close();
    const later = { ...systemClock, wallTime: () => Date.now() + 61_000 };
    const { storage } = bob;
    const again = await fixture.client(storage, { clock: later });
    expect(await again.search('4711')).toEqual([]);
    await again.connect();
    const room = await again.room('Lobby');
    await eventually(async () => expect(await heldIn(cache)).not.toContain('4711'));
    expect(saidIn((await room.history({ after: 0 })).messages)).toEqual([['', true]]);
    await again.close();
  });

  test('does not come back when the server gives it again: at its place, at another one, or with the clock set back', async () => {
    await using fixture = await LiveFixture.start();
    const { adas, bob, bobs } = await lobby(fixture);
    await adas.send('the code is 4711', { expires: 60 });
    const { messages } = await bobs.history({ after: 0 });
    await bobs.shown(messages);
    await bob.close();
    const shift = { ms: 61_000 };
    const clock = { ...systemClock, wallTime: () => Date.now() + shift.ms };
    const { storage } = bob;
    const again = await fixture.client(storage, { clock });
    showHistory(fixture.server, repeated(0, 2));
    showHead(fixture.server, 2);
    await again.connect();
    const room = await again.room('Lobby');
    for (const ms of [61_000, -86_400_000]) {
      shift.ms = ms;
      const shown = (await room.history({ after: 0 })).messages;
      expect(shown).toMatchObject([{ disappeared: true }, { status: 'replayed' }]);
      expect(JSON.stringify(shown)).not.toContain('4711');
    }
    await again.close();
  });

  test('is refused to its sender out of bounds', async () => {
    await using fixture = await LiveFixture.start();
    const { adas } = await lobby(fixture);
    for (const expires of [1, 4, 5.5, 31_536_001, Number.NaN])
      await expect(adas.send('hello', { expires })).rejects.toMatchObject({ code: 'usage' });
  });
});
