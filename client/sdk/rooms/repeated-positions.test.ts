import { expect, test } from 'vitest';
import type { EventBody } from '../../../src/protocol/events.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { showHistory } from '../../../test/support/hostile/show-history.ts';
import { LiveFixture, lobby, shown, taken } from '../../../test/support/sdk/live-fixture.ts';

/** Ada and Bob in a room that stores nothing, as both know, and Bob's live messages. */
async function unstored(fixture: LiveFixture) {
  const people = await lobby(fixture);
  await people.adas.setRetention(0);
  await eventually(() => expect(people.bobs.retention).toBe(0));
  return { ...people, messages: people.bobs.follow({ after: 'now' }) };
}

/** The clock goes back to what `replica` knows, and all gateways are new: nobody remembers the positions that it had given since. */
async function failOver(fixture: LiveFixture, replica: () => void): Promise<void> {
  const before = fixture.server.count('enter');
  await fixture.restart(replica);
  await eventually(() => expect(fixture.server.count('enter')).toBeGreaterThanOrEqual(before + 2));
}

test('a sender goes on when positions are given again in a room that stores nothing', async () => {
  await using fixture = await LiveFixture.start();
  const { adas, messages } = await unstored(fixture);
  const start = fixture.clocks.replica(adas.id);
  await adas.send('one');
  const after1 = fixture.clocks.replica(adas.id);
  for (const text of ['two', 'three', 'four']) await adas.send(text);
  expect(await taken(messages, 4)).toEqual(['one', 'two', 'three', 'four']);
  await failOver(fixture, after1);
  for (const text of ['five', 'six', 'seven']) await adas.send(text);
  expect(await taken(messages, 3)).toEqual(['five', 'six', 'seven']);
  await failOver(fixture, start);
  for (const text of ['eight', 'nine']) await adas.send(text);
  expect(await taken(messages, 2)).toEqual(['eight', 'nine']);
});

test('what was shown before is refused at a position that is given again', async () => {
  await using fixture = await LiveFixture.start();
  const { server } = fixture;
  const { adas, bob, messages } = await unstored(fixture);
  const { id } = await bob.me();
  const delivered: EventBody<'deliver'>[] = [];
  server.onEvent = (event, to) => {
    if (event.name === 'deliver' && to === id) delivered.push(event.body);
    return [event];
  };
  await adas.send('one');
  const after1 = fixture.clocks.replica(adas.id);
  for (const text of ['two', 'three']) await adas.send(text);
  expect(await taken(messages, 3)).toEqual(['one', 'two', 'three']);
  await failOver(fixture, after1);
  const { seq } = await adas.send('four');
  expect(seq).toBe(2);
  expect(await taken(messages, 1)).toEqual(['four']);
  for (const [i, { room, message }] of delivered.slice(1, 3).entries()) {
    server.tell({ name: 'deliver', body: { room, message: { ...message, seq: seq + 1 + i } } }, id);
    const { value } = await messages.next();
    expect(value === undefined ? '' : shown(value)).toMatch(/^replayed: /);
  }
});

test('a room that stores its messages gives no position twice, whatever the server says', async () => {
  await using fixture = await LiveFixture.start();
  const { adas, bobs } = await lobby(fixture);
  for (const text of ['one', 'two', 'three']) await adas.send(text);
  expect((await bobs.history({ after: 0 })).messages.map(shown)).toEqual(['one', 'two', 'three']);
  await adas.send('four');
  showHistory(fixture.server, ([first, , , fourth]) =>
    first === undefined || fourth === undefined ? [] : [first, { ...fourth, seq: 2 }],
  );
  expect((await bobs.history({ after: 1 })).messages.map(shown)).toEqual([
    'replayed: another message of its sender was seen at this position',
  ]);
});
