import { describe, expect, it, test } from 'vitest';
import { messageOf, roomIdOf, sampleModel } from '../../../test/support/chat/sample-model.ts';
import { screenOf } from '../../../test/support/tui/screen-of.ts';
import { activated, withIgnored, withoutRoom } from '../../chat/model/model.ts';
import { keyed, looked, received, scrolled } from '../../chat/model/room-changes.ts';
import { withSelected } from '../../chat/model/selection.ts';
import { statusRow, windowTitle } from './bars.ts';

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

describe('the bar while a message is selected', () => {
  const bar = (text: string, more: Parameters<typeof messageOf>[2] = {}, columns = 120): string => {
    const came = received(sampleModel(), roomIdOf(0), [messageOf(1, text, more)]);
    const row = statusRow(screenOf(withSelected(came, roomIdOf(0), 1)), columns);
    return row.map((each) => each.text).join('');
  };

  it('names what can be done to it, and the keys for that', () => {
    expect(bar('hello')).toContain(' r reply · a react · c copy · Esc cancel ');
    expect(bar('mine', { from: 0 })).toContain(
      ' r reply · e edit · a react · c copy · d take back · Esc cancel ',
    );
    expect(bar('see https://x.example')).toContain(' o open link ');
    expect(bar('yes', { re: messageOf(9, '').id })).toContain(' j what it answers ');
    expect(bar('', { status: 'forged' })).toMatch(/^ Esc cancel /);
  });

  it('says how to leave it as long as it says anything', () => {
    const { id: re } = messageOf(9, '');
    const narrow = bar('see https://x.example', { re }, 60);
    expect(narrow).toMatch(/^ r reply · .* · Esc cancel +$/);
    expect(bar('see https://x.example', { re }, 14)).toMatch(/^ Esc cancel +$/);
  });
});

test('the bar tells how many members have their key while one is made for a large room', () => {
  const bar = (done: number): string => {
    const row = statusRow(screenOf(keyed(sampleModel(), lobby, { done, of: 2_000 })), 120);
    return row.map(({ text }) => text).join('');
  };
  expect(bar(512)).toContain('new key: 512 of 2,000 members');
  expect(bar(2_000)).not.toContain('new key');
});
