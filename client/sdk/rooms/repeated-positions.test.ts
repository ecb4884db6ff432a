import { expect, test } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import type { FakeRoom } from '../../../test/support/sdk/fake-room.ts';
import { lobby, SdkFixture, shown, taken } from '../../../test/support/sdk/sdk-fixture.ts';

/** Ada and Bob in a room that stores nothing, as both know, and Bob's live messages. */
async function unstored(fixture: SdkFixture) {
  const { server } = fixture;
  const people = await lobby(fixture);
  const room = server.room('Lobby');
  room.retention = 0;
  room.version += 1;
  server.emit(room.id, 'room', room.settings());
  await eventually(() => expect([people.adas.retention, people.bobs.retention]).toEqual([0, 0]));
  return { ...people, room, messages: people.bobs.follow({ after: 'now' }) };
}

/** The clock went back, and all gateways are new: nobody remembers the positions that it had given since. */
async function failOver({ server }: SdkFixture, room: FakeRoom, head: number): Promise<void> {
  room.head = head;
  room.messages.length = 0;
  const entered = (): number => server.requests.filter(({ name }) => name === 'enter').length;
  const before = entered();
  server.cut();
  await eventually(() => expect(entered()).toBeGreaterThanOrEqual(before + 2));
}

test('a sender goes on when positions are given again in a room that stores nothing', async () => {
  await using fixture = await SdkFixture.start();
  const { adas, room, messages } = await unstored(fixture);
  for (const text of ['one', 'two', 'three', 'four']) await adas.send(text);
  expect(await taken(messages, 4)).toEqual(['one', 'two', 'three', 'four']);
  await failOver(fixture, room, 1);
  for (const text of ['five', 'six', 'seven']) await adas.send(text);
  expect(await taken(messages, 3)).toEqual(['five', 'six', 'seven']);
  await failOver(fixture, room, 0);
  for (const text of ['eight', 'nine']) await adas.send(text);
  expect(await taken(messages, 2)).toEqual(['eight', 'nine']);
});

test('what was shown before is refused at a position that is given again', async () => {
  await using fixture = await SdkFixture.start();
  const { server } = fixture;
  const { adas, room, messages } = await unstored(fixture);
  for (const text of ['one', 'two', 'three']) await adas.send(text);
  const [, second, third] = room.messages;
  if (second === undefined || third === undefined) return expect.unreachable();
  expect(await taken(messages, 3)).toEqual(['one', 'two', 'three']);
  await failOver(fixture, room, 1);
  await adas.send('four');
  expect(await taken(messages, 1)).toEqual(['four']);
  for (const replay of [second, third]) {
    room.head += 1;
    server.deliver(room, { ...replay, seq: room.head });
    const { value } = await messages.next();
    expect(value === undefined ? '' : shown(value)).toMatch(/^replayed: /);
  }
});

test('a room that stores its messages gives no position twice, whatever the server says', async () => {
  await using fixture = await SdkFixture.start();
  const { server } = fixture;
  const { adas, bobs } = await lobby(fixture);
  for (const text of ['one', 'two', 'three']) await adas.send(text);
  const room = server.room('Lobby');
  expect((await bobs.history({ after: 0 })).messages.map(shown)).toEqual(['one', 'two', 'three']);
  await adas.send('four');
  const [, , , fourth] = room.messages;
  if (fourth === undefined) return expect.unreachable();
  room.messages.splice(1, 3, { ...fourth, seq: 2 });
  expect((await bobs.history({ after: 1 })).messages.map(shown)).toEqual([
    'replayed: another message of its sender was seen at this position',
  ]);
});
