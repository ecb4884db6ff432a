import { expect, test } from 'vitest';
import { sampleModel } from '../../../test/support/chat/sample-model.ts';
import { parseShownRoomName } from '../../sdk/shown-room-name.ts';
import { accessText, isHidden } from './room-access.ts';
import type { RoomModel } from './room-model.ts';

function room(name: string, settings: Partial<RoomModel['settings']>): RoomModel {
  const [lobby] = sampleModel().rooms;
  const sample = lobby ?? expect.unreachable();
  const shown = parseShownRoomName(name) ?? expect.unreachable();
  return { ...sample, name: shown, settings: { ...sample.settings, ...settings } };
}

test('a room says whether it is open, has a password, or has one that is not known here', () => {
  expect(accessText(room('Lobby', {}))).toBe('open room');
  expect(accessText(room('Board', { locked: true, unlocked: true }))).toBe('password room');
  expect(accessText(room('Board', { locked: true, unlocked: false }))).toContain(
    '/join asks for the password',
  );
  expect([isHidden(room('Lobby', {})), isHidden(room('Den', { hidden: true }))]).toEqual([false, true]);
});

test('a direct room, which nobody else can enter, is neither called open nor hidden', () => {
  const direct = room('@bob', { hidden: true });
  expect([accessText(direct), isHidden(direct)]).toEqual(['direct messages', false]);
});
