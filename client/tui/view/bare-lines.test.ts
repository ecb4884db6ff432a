import { expect, it } from 'vitest';
import {
  actionOn,
  messageOf,
  roomIdOf,
  sampleModel,
  userName,
} from '../../../test/support/chat/sample-model.ts';
import { screenOf } from '../../../test/support/tui/screen-of.ts';
import { activeRoom, withIgnored } from '../../chat/model/model.ts';
import { happened, received, scrolled } from '../../chat/model/room-changes.ts';
import { bareLines } from './bare-lines.ts';

const lobby = roomIdOf(0);
const size = { columns: 40, rows: 7 };

it('the bare view has each line whole, without margins, and as many as the screen holds', () => {
  const long = `https://example.org/${'x'.repeat(60)}`;
  const model = received(sampleModel(), lobby, [
    messageOf(1, 'too old to fit'),
    messageOf(2, 'one\ntwo'),
    messageOf(3, long),
    messageOf(4, '\u001b[2J\u202e'),
  ]);
  const lines = bareLines(screenOf(model, { size }));
  expect(lines).toEqual(['12:00 bob: one', 'two', `12:00 bob: ${long}`, '12:00 bob: <U+001B>[2J<U+202E>']);
  expect(bareLines(screenOf(sampleModel([]), { size }))).toEqual([]);
});

it('the bare view ends where the screen stands, and hides what is hidden', () => {
  const came = received(sampleModel(), lobby, [
    messageOf(1, 'first'),
    messageOf(2, 'hidden', { from: 2 }),
    messageOf(3, 'second'),
  ]);
  const model = withIgnored(happened(came, lobby, 'bob left'), new Set([userName('user2').toLowerCase()]));
  expect(bareLines(screenOf(model, { size }))).toEqual([
    '12:00 bob: first',
    '12:00 bob: second',
    '12:00 -- bob left',
  ]);
  const item = activeRoom(model)?.timeline.entries[0] ?? expect.unreachable();
  const up = scrolled(model, lobby, { item, block: 'end', offset: 0 });
  expect(bareLines(screenOf(up, { size }))).toEqual(['12:00 bob: first']);
});

it('the bare view has no text that was removed or taken back', () => {
  const model = received(sampleModel(), lobby, [
    messageOf(1, 'off topic'),
    messageOf(2, 'a slip'),
    { ...actionOn(1, 3, 2), type: 'remove', why: 'no\ntrade', role: 'owner' },
    { ...actionOn(2, 4, 1), type: 'retract' },
  ]);
  const lines = bareLines(screenOf(model, { size: { ...size, columns: 200 } }));
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^12:00 bob: removed by user2, owner .*\/removed shows it/);
  expect(lines[1]).toBe('12:00 bob: took this message back');
});
