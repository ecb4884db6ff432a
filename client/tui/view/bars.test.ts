import { expect, test } from 'vitest';
import { messageOf, roomIdOf, sampleModel } from '../../../test/support/chat/sample-model.ts';
import { activated, withIgnored, withoutRoom } from '../../chat/model/model.ts';
import { looked, received, scrolled } from '../../chat/model/room-changes.ts';
import { windowTitle } from './bars.ts';

const [lobby, ops] = [roomIdOf(0), roomIdOf(1)];
const mentioned = received(sampleModel(['Lobby', 'Ops']), ops, [messageOf(1, 'ada?'), messageOf(2, 'Ada!')]);

test('the title names the room that is shown, and counts mentions until they are read', () => {
  expect(windowTitle(mentioned)).toBe('(2) Lobby – Conclave');
  expect(windowTitle(looked(activated(mentioned, ops), { from: 1, to: 2 }))).toBe('Ops – Conclave');
  expect(windowTitle(sampleModel([]))).toBe('Conclave');
});

test('the title does not count mentions of somebody ignored, nor of a room that went', () => {
  expect(windowTitle(withIgnored(mentioned, new Set(['bob'])))).toBe('Lobby – Conclave');
  expect(windowTitle(withoutRoom(mentioned, ops))).toBe('Lobby – Conclave');
});

test('the title counts what came below a scrolled screen until somebody is at the bottom', () => {
  const first = messageOf(1, 'one');
  const model = received(sampleModel(), lobby, [first]);
  const [item] = model.rooms[0]?.timeline.entries ?? [];
  const up = scrolled(model, lobby, item && { item, block: 'end', offset: 0 });
  const below = received(up, lobby, [messageOf(2, 'ada, look')]);
  expect(windowTitle(below)).toBe('(1) Lobby – Conclave');
  expect(windowTitle(looked(scrolled(below, lobby, undefined), { from: 1, to: 2 }))).toBe('Lobby – Conclave');
});
