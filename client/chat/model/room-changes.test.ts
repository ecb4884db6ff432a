import { describe, expect, test } from 'vitest';
import {
  messageOf,
  messagesAfter,
  NOON,
  roomIdOf,
  sampleModel,
  userName,
} from '../../../test/support/chat/sample-model.ts';
import { entryOf, mentions } from './entry.ts';
import {
  activated,
  activeRoom,
  type Model,
  roomOf,
  withIgnored,
  withOwnRooms,
  withoutRoom,
  withRoom,
} from './model.ts';
import {
  allRead,
  echoChanged,
  echoed,
  happened,
  looked,
  pendingCount,
  received,
  receivedCut,
  receivedOlder,
  scrolled,
} from './room-changes.ts';
import { unreadText } from './room-model.ts';
import { ENTRIES_ANCHORED_MAX, ENTRIES_MAX } from './timeline.ts';

const lobby = roomIdOf(0);
const other = roomIdOf(1);

const texts = (model: Model, id = lobby): readonly string[] =>
  (roomOf(model, id)?.timeline.entries ?? []).map((entry) =>
    entry.kind === 'message' ? entry.text : entry.kind,
  );

function atBottomOf(model: Model): Model {
  const item = activeRoom(model)?.timeline.entries.at(-1);
  return item === undefined ? model : scrolled(model, lobby, { item, block: 'end', offset: 0 });
}

describe('the timeline', () => {
  test('takes each position once, whether it comes live, in a page or both', () => {
    let model = received(sampleModel(['Lobby'], 2), lobby, messagesAfter(2, 2));
    model = received(model, lobby, messagesAfter(3, 2));
    expect(texts(model)).toEqual(['message 3', 'message 4', 'message 5']);
    model = receivedOlder(model, lobby, { messages: messagesAfter(0, 3), through: 1, more: false });
    expect(texts(model)).toEqual(['message 1', 'message 2', 'message 3', 'message 4', 'message 5']);
    expect(activeRoom(model)?.timeline).toMatchObject({ from: 0, complete: true });
  });

  test('shows a gap before the message at the same position', () => {
    const gap = {
      type: 'gap',
      room: messageOf(1, '').room,
      from: userName('bob'),
      missing: 2,
      seq: 3,
    } as const;
    const model = received(sampleModel(), lobby, [messageOf(1, 'one'), gap, messageOf(3, 'three')]);
    expect(texts(model)).toEqual(['one', 'gap', 'three']);
  });

  test('keeps a named number of entries, and has the dropped ones loaded again by their position', () => {
    const model = received(sampleModel(), lobby, messagesAfter(0, ENTRIES_MAX + 10));
    const timeline = activeRoom(model)?.timeline;
    expect(timeline?.entries).toHaveLength(ENTRIES_MAX);
    expect(timeline).toMatchObject({ from: 10, complete: false });
    const again = receivedOlder(model, lobby, { messages: messagesAfter(0, 10), through: 1, more: false });
    expect(texts(again).slice(0, 2)).toEqual(['message 1', 'message 2']);
  });

  test('lets the newest go while somebody reads far up, counts what comes, and goes on from the cut', () => {
    const head = ENTRIES_ANCHORED_MAX + 50;
    let model = atBottomOf(
      received(sampleModel(['Lobby'], head - 100), lobby, messagesAfter(head - 100, 100)),
    );
    model = receivedOlder(model, lobby, { messages: messagesAfter(0, head - 100), through: 1, more: false });
    expect(activeRoom(model)?.timeline).toMatchObject({ cutAfter: ENTRIES_ANCHORED_MAX, complete: true });
    model = received(model, lobby, messagesAfter(head, 1));
    expect(texts(model).at(-1)).toBe(`message ${ENTRIES_ANCHORED_MAX}`);
    expect(activeRoom(model)?.below).toBe(1);
    model = receivedCut(model, lobby, {
      messages: messagesAfter(ENTRIES_ANCHORED_MAX, 51),
      through: head + 1,
      more: false,
    });
    expect(texts(model).at(-1)).toBe(`message ${head + 1}`);
    expect(activeRoom(model)?.timeline.cutAfter).toBeUndefined();
  });

  test('says what happened where it was heard', () => {
    const model = received(
      happened(received(sampleModel(), lobby, messagesAfter(0, 1)), lobby, 'bob left'),
      lobby,
      messagesAfter(1, 1),
    );
    expect(texts(model)).toEqual(['message 1', 'event', 'message 2']);
  });
});

describe('own messages', () => {
  const echo = {
    key: 7,
    id: undefined,
    answers: undefined,
    from: userName('ada'),
    text: 'mine',
    at: NOON,
    state: 'pending',
    reason: undefined,
  } as const;
  const copy = messageOf(1, 'mine', { from: 0 });

  test('stand at the bottom until their copy comes back, and then once in the room’s order', () => {
    let model = echoed(sampleModel(), lobby, echo);
    expect(pendingCount(model)).toBe(1);
    model = echoChanged(model, lobby, 7, { id: copy.id });
    model = received(model, lobby, [copy]);
    expect(activeRoom(model)?.timeline.echoes).toEqual([]);
    expect(texts(model)).toEqual(['mine']);
    expect(pendingCount(model)).toBe(0);
  });

  test('are found also when the copy comes before the id is known', () => {
    const model = echoChanged(received(echoed(sampleModel(), lobby, echo), lobby, [copy]), lobby, 7, {
      id: copy.id,
    });
    expect(activeRoom(model)?.timeline.echoes).toEqual([]);
  });

  test('stay with their reason when they fail', () => {
    const model = echoChanged(echoed(sampleModel(), lobby, echo), lobby, 7, {
      state: 'failed',
      reason: 'no',
    });
    expect(activeRoom(model)?.timeline.echoes).toMatchObject([
      { text: 'mine', state: 'failed', reason: 'no' },
    ]);
    expect(pendingCount(model)).toBe(0);
  });
});

describe('unread messages', () => {
  test('are counted in rooms that are not shown, with mentions, and never one’s own', () => {
    const messages = [messageOf(1, 'hello'), messageOf(2, 'hi @ADA!'), messageOf(3, 'mine', { from: 0 })];
    const model = received(sampleModel(['Lobby', 'Ops']), other, messages);
    expect(roomOf(model, other)).toMatchObject({ unread: 2, mentions: 1, read: 0 });
  });

  test('are those of nobody who is ignored, from when on and until that is so', () => {
    const messages = [messageOf(1, 'hi ada'), messageOf(2, 'ada?', { from: 2 }), messageOf(3, 'ada!')];
    const heard = received(sampleModel(['Lobby', 'Ops']), other, messages);
    const ignoring = withIgnored(heard, new Set(['bob']));
    expect(roomOf(ignoring, other)).toMatchObject({ unread: 1, mentions: 1 });
    expect(roomOf(received(ignoring, other, [messageOf(4, 'ada!!')]), other)).toMatchObject({ unread: 1 });
    expect(roomOf(withIgnored(ignoring, new Set()), other)).toMatchObject({ unread: 3, mentions: 3 });
    const shown = looked(activated(withIgnored(heard, new Set(['bob', 'user2'])), other), undefined);
    expect(activeRoom(shown)).toMatchObject({ readLine: undefined, read: 3 });
  });

  test('of somebody ignored are not said to be below a scrolled screen', () => {
    const model = withIgnored(received(sampleModel(), lobby, messagesAfter(0, 2)), new Set(['bob']));
    const below = received(atBottomOf(model), lobby, [messageOf(3, 'more'), messageOf(4, 'x', { from: 2 })]);
    expect(activeRoom(below)).toMatchObject({ below: 1, unread: 1 });
  });

  test('are read where somebody looks, but not below a scrolled screen', () => {
    let model = looked(received(sampleModel(), lobby, messagesAfter(0, 2)), { from: 1, to: 2 });
    expect(activeRoom(model)).toMatchObject({ unread: 0, read: 2, below: 0 });
    model = looked(received(atBottomOf(model), lobby, messagesAfter(2, 3)), { from: 1, to: 2 });
    expect(activeRoom(model)).toMatchObject({ unread: 3, read: 2, below: 3 });
    model = looked(scrolled(model, lobby, undefined), { from: 3, to: 5 });
    expect(activeRoom(model)).toMatchObject({ unread: 0, read: 5, below: 0, anchor: undefined });
  });

  test('stay unread while what comes before them was never on the screen', () => {
    const listed = received(sampleModel(['Lobby', 'Ops']), other, messagesAfter(0, 120));
    let model = looked(activated(listed, other), { from: 101, to: 120 });
    expect(activeRoom(model)).toMatchObject({ unread: 120, read: 0, readLine: { after: 0, unread: 120 } });
    model = looked(model, { from: 1, to: 20 });
    expect(activeRoom(model)).toMatchObject({ unread: 100, read: 20 });
    model = looked(model, { from: 101, to: 120 });
    expect(activeRoom(model)).toMatchObject({ unread: 100, read: 20 });
    for (const [from, to] of [
      [81, 101],
      [40, 85],
      [21, 40],
    ] as const)
      model = looked(model, { from, to });
    expect(activeRoom(model)).toMatchObject({ unread: 0, read: 120, readLine: { unread: 120 } });
  });

  test('get a line when more come at once than the screen holds', () => {
    const model = looked(received(sampleModel(), lobby, messagesAfter(0, 30)), { from: 21, to: 30 });
    expect(activeRoom(model)).toMatchObject({ unread: 30, readLine: { after: 0, through: 30 } });
  });

  test('are read once somebody says so, or answers', () => {
    const model = activated(received(sampleModel(['Lobby', 'Ops']), other, messagesAfter(0, 120)), other);
    expect(activeRoom(allRead(model, other))).toMatchObject({ unread: 0, read: 120, readLine: undefined });
    const echo = {
      key: 1,
      id: undefined,
      answers: undefined,
      from: userName('ada'),
      text: 'x',
      at: NOON,
    } as const;
    const answered = echoed(model, other, { ...echo, state: 'pending', reason: undefined });
    expect(activeRoom(answered)).toMatchObject({ unread: 0, read: 120, readLine: undefined });
  });

  test('begin below a line when their room is shown, which goes when it is left', () => {
    let model = received(sampleModel(['Lobby', 'Ops']), other, messagesAfter(0, 3));
    model = looked(activated(model, other), { from: 1, to: 3 });
    expect(activeRoom(model)).toMatchObject({ readLine: { after: 0, unread: 3 }, unread: 0, read: 3 });
    model = activated(model, lobby);
    expect(roomOf(model, other)?.readLine).toBeUndefined();
  });

  test('have no line above them when those that are loaded turn out to be one’s own', () => {
    const facts = { id: other, name: messageOf(1, '').room, role: 'member', head: 2, read: 0 } as const;
    const shown = activated(withOwnRooms(sampleModel(), [facts]), other);
    expect(activeRoom(shown)).toMatchObject({ readLine: { after: 0 } });
    const [one, mine] = [messageOf(1, 'one'), messageOf(2, 'mine', { from: 0 })];
    const page = { through: 1, more: false };
    const own = receivedOlder(shown, other, { ...page, messages: [messageOf(1, 'me', { from: 0 }), mine] });
    expect(activeRoom(own)).toMatchObject({ readLine: undefined });
    const theirs = receivedOlder(shown, other, { ...page, messages: [one, mine] });
    expect(activeRoom(theirs)).toMatchObject({ readLine: { after: 0 } });
  });

  test('are messages, whatever positions were skipped between them', () => {
    const facts = { name: messageOf(1, '').room, role: 'member', head: 1_717, read: 15 } as const;
    const listed = withOwnRooms(sampleModel(['Lobby']), [
      { ...facts, id: lobby },
      { ...facts, id: other },
    ]);
    const shown = (model: Model): string =>
      unreadText(roomOf(model, other) ?? expect.fail('it is there'), 99);
    expect(shown(listed)).toBe('…');
    const some = receivedOlder(listed, other, {
      messages: [messageOf(1_717, 'x')],
      through: 700,
      more: true,
    });
    expect(shown(some)).toBe('1+');
    const all = receivedOlder(some, other, { messages: [messageOf(16, 'y')], through: 16, more: true });
    expect(shown(all)).toBe('2');
    const none = receivedOlder(listed, other, { messages: [], through: 16, more: true });
    expect(shown(none)).toBe('');
    expect(shown(received(all, other, messagesAfter(1_717, 200)))).toBe('99+');
  });
});

describe('the list of rooms', () => {
  test('is sorted by name, and a room that went gives its place to the one before', () => {
    let model = sampleModel(['beta', 'Alpha', 'gamma']);
    expect(model.rooms.map(({ name }) => name)).toEqual(['Alpha', 'beta', 'gamma']);
    model = activated(activated(model, roomIdOf(2)), roomIdOf(1));
    model = withoutRoom(model, roomIdOf(1));
    expect(model.active).toBe(roomIdOf(2));
    expect(withoutRoom(withoutRoom(model, roomIdOf(2)), roomIdOf(0)).active).toBeUndefined();
  });

  test('keeps a room that was taken away until somebody closes it, and takes it back', () => {
    const facts = [{ id: other, name: messageOf(1, '').room, role: 'member' as const, head: 0, read: 0 }];
    const taken = withRoom(sampleModel(), lobby, (room) => ({ ...room, gone: true }));
    expect(withOwnRooms(taken, facts).rooms.map(({ id, gone }) => [id, gone])).toContainEqual([lobby, true]);
    expect(withOwnRooms(sampleModel(), facts).rooms.map(({ id }) => id)).toEqual([other]);
  });
});

describe('mentions', () => {
  test('are the name as a word, in any case', () => {
    const name = userName('ada');
    for (const text of ['ada', 'Ada: hello', 'hi @ADA!', '(ada)', 'Fragen an ada.'])
      expect(mentions(text, name), text).toBe(true);
    for (const text of ['adam', 'Nevada', 'ada2', 'äda', 'Kanada'])
      expect(mentions(text, name), text).toBe(false);
  });

  test('are not made by oneself, nor by what did not open', () => {
    const reader = { id: messageOf(1, '', { from: 0 }).user, user: userName('ada') };
    expect(entryOf(messageOf(1, 'ada', { from: 0 }), reader)).toMatchObject({ own: true, mention: false });
    expect(entryOf(messageOf(1, 'ada', { status: 'forged' }), reader)).toMatchObject({ mention: false });
  });
});
