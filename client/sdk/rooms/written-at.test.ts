import { expect, test } from 'vitest';
import type { StoredMessage } from '../../../src/protocol/message-requests.ts';
import { showHistory } from '../../../test/support/hostile/show-history.ts';
import { LiveFixture, lobby } from '../../../test/support/sdk/live-fixture.ts';
import { MemoryMessageCache, type RoomMessage } from '../index.ts';
import { WRITTEN_APART_MS, writtenAt } from './room-events.ts';

const minutes = (count: number): number => count * 60_000;
const timesOf = (messages: readonly RoomMessage[]): readonly (number | undefined)[] =>
  messages.map((message) => (message.type === 'message' ? message.sentAt : undefined));

test("the sender's time is shown when the server's is more than two minutes away, live, from history and in a search", async () => {
  await using fixture = await LiveFixture.start();
  const { server } = fixture;
  const { adas, bob, bobs } = await lobby(fixture, { cache: new MemoryMessageCache() });
  const live = bobs.follow({ after: 'now' });
  const before = Date.now();
  for (const text of ['at once', 'held back', 'sooner than it was written']) {
    await adas.send(text);
    // The feed waits for position 1 until it is shown the time that history has.
    await live.next();
  }
  const after = Date.now();
  const apart = [minutes(1), minutes(60), -minutes(3)];
  let third: StoredMessage | undefined;
  showHistory(server, (stored) => {
    third = stored[2];
    return stored.map((message, i) => ({ ...message, at: message.at + (apart[i] ?? expect.unreachable()) }));
  });
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

  if (third === undefined) return expect.unreachable();
  const message = { ...third, seq: 4, at: third.at + minutes(60) };
  server.tell({ name: 'deliver', body: { room: bobs.id, message } }, (await bob.me()).id);
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
