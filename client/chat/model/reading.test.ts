import { describe, expect, test } from 'vitest';
import { messageOf, roomIdOf, sampleModel } from '../../../test/support/chat/sample-model.ts';
import { activated, activeRoom, type Model, withIgnored, withOwnRooms } from './model.ts';
import { mentionFrom, unreadStart, withReadLine } from './reading.ts';
import { allRead, looked, received } from './room-changes.ts';

const lobby = roomIdOf(0);

describe('what is jumped to', () => {
  const facts = { id: lobby, name: messageOf(1, '').room, role: 'member', head: 0, read: 0 } as const;
  const texts = ['one', 'ada?', 'three', 'ada!', 'five'].map((text, at) => messageOf(at + 1, text));
  const model = received(withOwnRooms(sampleModel([]), [facts]), lobby, texts);
  const room = (now: Model) => activeRoom(now) ?? expect.fail('it is there');

  test('is where the unread ones begin, or began when all of them were read by now', () => {
    expect(unreadStart(room(sampleModel()))).toBeUndefined();
    expect(unreadStart(room(model))).toMatchObject({ seq: 1 });
    const some = looked(model, { from: 1, to: 3 });
    expect(unreadStart(room(some))).toMatchObject({ seq: 4 });
    const all = looked(some, { from: 3, to: 5 });
    expect(room(all)).toMatchObject({ unread: 0, readLine: { after: 3 } });
    expect(unreadStart(room(all))).toMatchObject({ seq: 4 });
    expect(unreadStart(room(allRead(all, lobby)))).toBeUndefined();
  });

  test('is the mention before an entry or after it, and never one of somebody ignored', () => {
    const { timeline } = room(model);
    const seqFrom = (from: number | undefined, step: 1 | -1, ignored: readonly string[] = []) => {
      const entry = from === undefined ? undefined : timeline.entries[from];
      const found = mentionFrom(room(model), entry, step, new Set(ignored));
      return found?.kind === 'message' ? found.seq : undefined;
    };
    expect(seqFrom(undefined, -1)).toBe(4);
    expect(seqFrom(3, -1)).toBe(2);
    expect(seqFrom(1, -1)).toBeUndefined();
    expect(seqFrom(1, 1)).toBe(4);
    expect(seqFrom(undefined, 1)).toBeUndefined();
    expect(seqFrom(undefined, -1, ['bob'])).toBeUndefined();
  });
});

describe('the line above what is unread', () => {
  test('counts again when a sender is ignored, and goes when nothing is left below it', () => {
    const other = roomIdOf(1);
    const messages = [messageOf(1, 'one'), messageOf(2, 'two', { from: 2 }), messageOf(3, 'three')];
    const shown = activated(received(sampleModel(['Lobby', 'Ops']), other, messages), other);
    expect(activeRoom(shown)?.readLine).toMatchObject({ after: 0, unread: 3 });
    const ignoring = withIgnored(shown, new Set(['bob']));
    expect(activeRoom(ignoring)?.readLine).toMatchObject({ after: 1, unread: 1 });
    expect(activeRoom(withIgnored(ignoring, new Set(['bob', 'user2'])))?.readLine).toBeUndefined();
  });
});

describe('own messages', () => {
  const facts = { id: lobby, name: messageOf(1, '').room, role: 'member', head: 0, read: 0 } as const;
  const mine = { from: 0 } as const;
  const empty = withOwnRooms(sampleModel([]), [facts]);

  test('are read when they come, if nothing of others is unread', () => {
    const sent = received(empty, lobby, [messageOf(1, 'mine', mine)]);
    expect(activeRoom(sent)).toMatchObject({ read: 1, readLine: undefined });
    const unread = received(received(empty, lobby, [messageOf(1, 'one')]), lobby, [
      messageOf(2, 'mine', mine),
    ]);
    expect(activeRoom(unread)).toMatchObject({ read: 0, unread: 1 });
  });

  test('stand above the line of what is unread, also those that another device sent', () => {
    const texts = [messageOf(1, 'mine', mine), messageOf(2, 'also mine', mine), messageOf(3, 'answer')];
    const away = received(empty, lobby, texts);
    const room = activeRoom(away) ?? expect.fail('it is there');
    const shown = withReadLine(room, away.ignored);
    expect(shown.readLine).toMatchObject({ after: 2, unread: 1 });
    expect(unreadStart(shown)).toMatchObject({ seq: 3 });
  });
});
