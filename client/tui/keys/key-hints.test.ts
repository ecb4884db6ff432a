import { describe, expect, it } from 'vitest';
import {
  ada,
  echoOf,
  messagesAfter,
  NOON,
  roomIdOf,
  sampleModel,
} from '../../../test/support/chat/sample-model.ts';
import { screenOf } from '../../../test/support/tui/screen-of.ts';
import { type Model, withRoom } from '../../chat/model/model.ts';
import { echoed, received } from '../../chat/model/room-changes.ts';
import { RowCache } from '../view/entry-rows.ts';
import { frameOf } from '../view/frame.ts';
import { actions } from './actions.ts';
import { DEFAULT_HINTS, KeyHints } from './key-hints.ts';
import { readBindings } from './key-map.ts';

const lobby = roomIdOf(0);

function hintsOf(own: Readonly<Record<string, readonly string[]>>): KeyHints {
  const read = readBindings(own);
  return 'bindings' in read ? new KeyHints(read.bindings) : expect.unreachable();
}

/** Everything on the screen in states that name keys. */
function screens(hints: KeyHints): string {
  const model = received(sampleModel(['Lobby'], 10), lobby, messagesAfter(10, 3));
  const unread = received(
    withRoom(sampleModel(['Lobby'], 0), lobby, (room) => ({ ...room, read: 0 })),
    lobby,
    messagesAfter(0, 90),
  );
  const states: readonly Model[] = [
    { ...model, running: '/rooms' },
    { ...model, connection: { state: 'waiting', until: NOON + 5_000, reason: 'nothing answers' } },
    { ...sampleModel([]), me: ada },
    unread,
    echoed(model, lobby, { ...echoOf('lost'), state: 'failed', reason: 'no room' }),
  ];
  return states
    .map((each) => {
      const frame = frameOf(screenOf(each, { hints, size: { columns: 160, rows: 24 } }), new RowCache(hints));
      return [frame.title, ...frame.main, frame.status, ...frame.notices]
        .map((row) => row.map(({ text }) => text).join(''))
        .join('\n');
    })
    .join('\n');
}

describe('hints', () => {
  it('name the first key of an action as people write it', () => {
    expect(DEFAULT_HINTS.of('clear-or-quit')).toBe('Ctrl+C');
    expect(DEFAULT_HINTS.of('jump-to-unread')).toBe('Alt+U');
    expect(DEFAULT_HINTS.of('cancel')).toBe('Esc');
    expect(hintsOf({ help: ['alt+shift+h', 'f1'] }).of('help')).toBe('Alt+Shift+H');
    expect(hintsOf({ help: [] }).of('help')).toBeUndefined();
  });

  it('on the screen name the keys that are bound, and none that is not', () => {
    const named = ['help', 'cancel', 'reconnect', 'jump-to-unread', 'page-up', 'retry-failed'] as const;
    const defaults = screens(DEFAULT_HINTS);
    for (const id of named) expect(defaults, id).toContain(DEFAULT_HINTS.of(id));
    const own = Object.fromEntries(named.map((id, at) => [id, [`f${at + 13}`]]));
    const rebound = screens(hintsOf(own));
    for (const id of named) {
      expect(rebound, id).toContain(hintsOf(own).of(id));
      expect(rebound, id).not.toMatch(
        new RegExp(`(?<![\\w+])${DEFAULT_HINTS.of(id)?.replace('+', '\\+')}(?!\\w)`),
      );
    }
    const none = screens(
      hintsOf(Object.fromEntries(actions.map(({ id, keys }) => [id, id === 'send' ? keys : []]))),
    );
    expect(none).not.toMatch(/\b(?:Ctrl|Alt|Shift)\+|\bF\d|\bEsc\b|PageUp/);
  });
});
