import { expect, test } from 'vitest';
import { lobby, SdkFixture } from '../../../test/support/sdk/sdk-fixture.ts';
import { MemoryMessageCache, type RoomMessage } from '../index.ts';
import { WRITTEN_APART_MS, writtenAt } from './room-events.ts';

const minutes = (count: number): number => count * 60_000;
const timesOf = (messages: readonly RoomMessage[]): readonly (number | undefined)[] =>
  messages.map((message) => (message.type === 'message' ? message.sentAt : undefined));

test("the sender's time is shown when the server's is more than two minutes away, live, from history and in a search", async () => {
  await using fixture = await SdkFixture.start();
  const { server } = fixture;
  const { adas, bob, bobs } = await lobby(fixture, { cache: new MemoryMessageCache() });
  const live = bobs.follow({ after: 'now' });
  const room = server.room('Lobby');
  const before = Date.now();
  for (const text of ['at once', 'held back', 'sooner than it was written']) {
    await adas.send(text);
    // The feed waits for position 1 until it is shown the time that history has.
    await live.next();
  }
  const after = Date.now();
  const [first, second, third] = room.messages;
  if (first === undefined || second === undefined || third === undefined) return expect.unreachable();
  room.messages[0] = { ...first, at: first.at + minutes(1) };
  room.messages[1] = { ...second, at: second.at + minutes(60) };
  room.messages[2] = { ...third, at: third.at - minutes(3) };
  const { messages } = await bobs.history({ after: 0 });
  const [none, held, early] = timesOf(messages);
  expect(none).toBeUndefined();
  for (const sentAt of [held, early]) {
    expect(sentAt).toBeGreaterThanOrEqual(before);
    expect(sentAt).toBeLessThanOrEqual(after);
  }
  expect(messages.map((message) => message.type === 'message' && message.marks)).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(timesOf(await bob.search('it was written'))).toEqual([early]);
  expect(timesOf(await bob.search('at once'))).toEqual([undefined]);

  room.head += 1;
  server.deliver(room, { ...third, seq: room.head, at: third.at + minutes(60) });
  const { value } = await live.next();
  // Not under its own position: a message that does not open has no time of its sender.
  expect(value).toMatchObject({ type: 'message', status: 'replayed' });
  expect(value).not.toHaveProperty('sentAt');
});

test('a difference up to the bound is none, in either direction', () => {
  expect(writtenAt(WRITTEN_APART_MS, 0)).toEqual({});
  expect(writtenAt(0, WRITTEN_APART_MS)).toEqual({});
  expect(writtenAt(0, WRITTEN_APART_MS + 1)).toEqual({ sentAt: 0 });
  expect(writtenAt(WRITTEN_APART_MS + 1, 0)).toEqual({ sentAt: WRITTEN_APART_MS + 1 });
});
