import { expect, test } from 'vitest';
import type { NotifyLevel } from '../../../src/protocol/layouts/user-state.ts';
import { messageOf, roomIdOf, sampleModel } from '../../../test/support/chat/sample-model.ts';
import { activated, type Model, withIgnored, withRoom } from '../model/model.ts';
import { received } from '../model/room-changes.ts';
import { ALERT_PAUSE_MS, Alerts } from './alerts.ts';

const other = roomIdOf(1);

/** What the face is told when this message comes to a room that is not shown. */
function told(text: string, change: (model: Model) => Model = (model) => model): readonly string[] {
  const calls: string[] = [];
  const message = messageOf(1, text);
  const model = received(change(sampleModel(['Lobby', 'Ops'])), other, [message]);
  new Alerts((room, words) => calls.push(`${room}: ${words}`)).came(model, other, [message]);
  return calls;
}

const MENTION = 'Ops: bob mentioned you in Ops';

test('the face is told of a mention', () => {
  expect(told('ada?')).toEqual([MENTION]);
});

test('a room has a level of its own: every message, mentions, or nothing', () => {
  const at = (notify: NotifyLevel) => (model: Model) =>
    withRoom(model, other, (room) => ({ ...room, notify }));
  expect(told('hello', at('all'))).toEqual(['Ops: bob wrote in Ops']);
  expect(told('hello', at('mentions'))).toEqual([]);
  expect(told('ada?', at('none'))).toEqual([]);
});

test('nobody is told of a room that somebody looks at, once the face says that somebody is there', () => {
  const looking = (focused: boolean | undefined) => (model: Model) => ({
    ...activated(model, other),
    focused,
  });
  expect(told('ada?', looking(true))).toEqual([]);
  expect(told('ada?', looking(false))).toEqual([MENTION]);
  expect(told('ada?', looking(undefined))).toEqual([MENTION]);
  expect(told('ada?', (model) => ({ ...model, focused: true }))).toEqual([MENTION]);
});

test('a flood of mentions tells once in a while for each room', () => {
  const calls: string[] = [];
  let nowMs = 0;
  const alerts = new Alerts(
    (room) => calls.push(room),
    () => nowMs,
  );
  const model = sampleModel(['Lobby', 'Ops', 'Zoo']);
  for (let seq = 1; seq <= 100; seq += 1) alerts.came(model, other, [messageOf(seq, 'ada!')]);
  expect(calls).toEqual(['Ops']);
  alerts.came(model, roomIdOf(2), [messageOf(1, 'ada?')]);
  expect(calls).toEqual(['Ops', 'Zoo']);
  nowMs = ALERT_PAUSE_MS - 1;
  alerts.came(model, other, [messageOf(101, 'ada!')]);
  expect(calls).toHaveLength(2);
  nowMs = ALERT_PAUSE_MS;
  alerts.came(model, other, [messageOf(102, 'ada!')]);
  expect(calls).toEqual(['Ops', 'Zoo', 'Ops']);
});

test('nobody is told without the name, nor of somebody ignored', () => {
  expect(told('hello')).toEqual([]);
  expect(told('ada?', (model) => withIgnored(model, new Set(['bob'])))).toEqual([]);
});
