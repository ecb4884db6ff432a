import { expect, test } from 'vitest';
import { messageOf, roomIdOf, sampleModel } from '../../../test/support/tui/sample-model.ts';
import type { Notify } from '../config/config-keys.ts';
import { activated, type Model, withIgnored, withRoom } from '../model/model.ts';
import { received } from '../model/room-changes.ts';
import type { NotifyLevel } from '../model/room-model.ts';
import { ALERT_PAUSE_MS, Alerts, type AlertTarget } from './alerts.ts';

const other = roomIdOf(1);

const targetOf = (calls: string[]): AlertTarget => ({
  ring: () => calls.push('ring'),
  notify: (words) => calls.push(words),
  notifyTitled: (title, words) => calls.push(`${title}: ${words}`),
});

/** What the terminal is told when this message comes to a room that is not shown. */
function told(
  notify: Notify,
  text: string,
  change: (model: Model) => Model = (model) => model,
): readonly string[] {
  const calls: string[] = [];
  const target = targetOf(calls);
  const message = messageOf(1, text);
  const model = received(change(sampleModel(['Lobby', 'Ops'])), other, [message]);
  new Alerts(target, notify).came(model, other, [message]);
  return calls;
}

test('a mention rings, or is told by the terminal, or does neither', () => {
  expect(told('bell', 'ada?')).toEqual(['ring']);
  expect(told('osc9', 'ada?')).toEqual(['bob mentions you in Ops']);
  expect(told('osc777', 'ada?')).toEqual(['Ops: bob mentions you in Ops']);
  expect(told('none', 'ada?')).toEqual([]);
});

test('a room has a level of its own: every message, mentions, or nothing', () => {
  const at = (notify: NotifyLevel) => (model: Model) =>
    withRoom(model, other, (room) => ({ ...room, notify }));
  expect(told('osc9', 'hello', at('all'))).toEqual(['bob writes in Ops']);
  expect(told('osc9', 'hello', at('mentions'))).toEqual([]);
  expect(told('osc9', 'ada?', at('none'))).toEqual([]);
});

test('a room that somebody looks at does not ring, once the terminal says that it has the focus', () => {
  const looking = (focused: boolean | undefined) => (model: Model) => ({
    ...activated(model, other),
    focused,
  });
  expect(told('bell', 'ada?', looking(true))).toEqual([]);
  expect(told('bell', 'ada?', looking(false))).toEqual(['ring']);
  expect(told('bell', 'ada?', looking(undefined))).toEqual(['ring']);
  expect(told('bell', 'ada?', (model) => ({ ...model, focused: true }))).toEqual(['ring']);
});

test('a flood of mentions tells once in a while for each room', () => {
  for (const [notify, once] of [
    ['bell', 'ring'],
    ['osc9', 'bob mentions you in Ops'],
  ] as const) {
    const calls: string[] = [];
    const target = targetOf(calls);
    let nowMs = 0;
    const alerts = new Alerts(target, notify, () => nowMs);
    const model = sampleModel(['Lobby', 'Ops', 'Zoo']);
    for (let seq = 1; seq <= 100; seq += 1) alerts.came(model, other, [messageOf(seq, 'ada!')]);
    expect(calls).toEqual([once]);
    alerts.came(model, roomIdOf(2), [messageOf(1, 'ada?')]);
    expect(calls).toHaveLength(2);
    nowMs = ALERT_PAUSE_MS - 1;
    alerts.came(model, other, [messageOf(101, 'ada!')]);
    expect(calls).toHaveLength(2);
    nowMs = ALERT_PAUSE_MS;
    alerts.came(model, other, [messageOf(102, 'ada!')]);
    expect(calls).toEqual([once, calls[1], once]);
  }
});

test('nothing rings without the name, nor for somebody ignored', () => {
  for (const notify of ['bell', 'osc9'] as const) {
    expect(told(notify, 'hello')).toEqual([]);
    expect(told(notify, 'ada?', (model) => withIgnored(model, new Set(['bob'])))).toEqual([]);
  }
});
