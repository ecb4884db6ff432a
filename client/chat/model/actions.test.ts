import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  actionOn,
  ada,
  echoOf,
  messageOf,
  roomIdOf,
  sampleModel,
  userIdOf,
  userName,
} from '../../../test/support/chat/sample-model.ts';
import type { MessageAction, RoomMessage, ShownMessage } from '../../sdk/rooms/room-events.ts';
import type { MessageEntry } from './entry.ts';
import { ACTIONS_MAX } from './known-actions.ts';
import { activated, activeRoom, type Model, roomOf } from './model.ts';
import { disappeared, echoed, looked, received, receivedOlder, scrolled } from './room-changes.ts';

const lobby = roomIdOf(0);
const other = roomIdOf(1);
const idOf = (seq: number) => messageOf(seq, '').id;

const edit = (seq: number, of: number, text: string, from = 1): MessageAction => ({
  ...actionOn(of, seq, from),
  ...{ type: 'edit', text },
});
const retract = (seq: number, of: number, from = 1): MessageAction => ({
  ...actionOn(of, seq, from),
  type: 'retract',
});
const react = (seq: number, of: number, emoji: string, from = 1, add = true): MessageAction => ({
  ...actionOn(of, seq, from),
  ...{ type: 'react', emoji, add },
});

const remove = (seq: number, of: number, from: number, role: 'moderator' | 'member'): MessageAction => ({
  ...actionOn(of, seq, from),
  ...{ type: 'remove', why: 'off topic', role },
});

function messagesIn(model: Model, id = lobby): readonly MessageEntry[] {
  return (roomOf(model, id)?.timeline.entries ?? []).flatMap((entry) =>
    entry.kind === 'message' ? [entry] : [],
  );
}

function pageOf(messages: readonly RoomMessage[], through = 1) {
  return { messages, through, more: false };
}

const three = (): Model =>
  received(sampleModel(), lobby, [
    messageOf(1, 'one'),
    messageOf(2, 'two', { from: 2 }),
    messageOf(3, 'three', { re: idOf(1) }),
  ]);

describe('what is done to a message', () => {
  test('a removal folds it up for good, also when its sender removes it again as a plain member', () => {
    const came = [remove(4, 1, 2, 'moderator'), remove(5, 1, 2, 'member'), remove(6, 2, 1, 'member')];
    const [first, second, third] = messagesIn(received(three(), lobby, came));
    expect(first).toMatchObject({ text: 'one', removed: { role: 'moderator', why: 'off topic' } });
    expect(second?.removed).toBeUndefined();
    // Nothing of it is quoted either.
    expect(third).toMatchObject({ answers: { text: undefined } });
  });

  test('makes another entry of it, and none of its own', () => {
    const before = three();
    const model = received(before, lobby, [edit(4, 1, 'uno'), react(5, 2, '👍'), react(6, 2, '👍', 0)]);
    expect(messagesIn(model)).toMatchObject([
      { seq: 1, text: 'uno', edited: true, retracted: false },
      { seq: 2, text: 'two', edited: false, reactions: [{ emoji: '👍', count: 2 }] },
      { seq: 3, answers: { from: 'bob', text: 'uno' } },
    ]);
    expect(messagesIn(before)[0]).toMatchObject({ text: 'one', edited: false });
  });

  test('leaves the entries of other messages as they are, so that what was drawn of them stays', () => {
    const before = three();
    const model = received(before, lobby, [react(4, 2, '🎉')]);
    expect(messagesIn(model)[0]).toBe(messagesIn(before)[0]);
    expect(messagesIn(model)[2]).toBe(messagesIn(before)[2]);
  });

  test('takes effect when the message is loaded later', () => {
    const acted = received(sampleModel(['Lobby'], 3), lobby, [edit(4, 1, 'uno'), react(5, 1, '👍', 2)]);
    expect(messagesIn(acted)).toEqual([]);
    const model = receivedOlder(acted, lobby, pageOf([messageOf(1, 'one'), messageOf(2, 'two')]));
    expect(messagesIn(model)).toMatchObject([
      { text: 'uno', edited: true, reactions: [{ emoji: '👍', count: 1 }] },
      { text: 'two', edited: false, reactions: [] },
    ]);
  });

  test('does nothing where only the sender may do it, to what cannot be read, or before it was sent', () => {
    const forged = messageOf(4, '', { status: 'forged', reason: 'no' });
    const model = received(received(three(), lobby, [forged]), lobby, [
      ...[edit(5, 1, 'eve was here', 2), retract(6, 1, 2), react(7, 4, '👍'), retract(8, 4), edit(0, 1, 'x')],
    ]);
    expect(messagesIn(model)).toMatchObject([
      { text: 'one', edited: false, retracted: false, reactions: [] },
      { text: 'two' },
      { text: 'three' },
      { status: 'forged', retracted: false, reactions: [] },
    ]);
  });

  test('with two messages of one id is done to the earlier one', () => {
    const copied = messageOf(5, 'mine now', { from: 2, id: idOf(1) });
    const acted = received(sampleModel(['Lobby'], 4), lobby, [copied, react(6, 1, '👍')]);
    const model = receivedOlder(acted, lobby, pageOf([messageOf(1, 'one')]));
    expect(messagesIn(model)).toMatchObject([
      { text: 'one', reactions: [{ emoji: '👍', count: 1 }] },
      { text: 'mine now', reactions: [] },
    ]);
  });

  test('shows by the mark of its sender when an edit came with a key that nobody accepted', () => {
    const verified = received(sampleModel(), lobby, [messageOf(1, 'one', { trust: 'verified' })]);
    const changed: MessageAction = { ...edit(2, 1, 'pay eve'), trust: 'changed', marks: ['late'] };
    expect(messagesIn(received(verified, lobby, [changed]))).toMatchObject([
      { text: 'pay eve', trust: 'changed', marks: ['late'] },
    ]);
  });

  test('is the same however the messages come: live, in pages of any size, and some of them twice', () => {
    const what = fc.record({
      from: fc.nat(2),
      kind: fc.constantFrom('message', 'message', 'answer', 'edit', 'retract', 'react', 'unreact'),
      of: fc.integer({ min: 1, max: 15 }),
      text: fc.constantFrom('a', 'b ada', '👍', '🎉'),
    });
    const history = fc.array(what, { minLength: 1, maxLength: 15 }).map((all) =>
      all.map(({ from, kind, of, text }, at): RoomMessage => {
        const seq = at + 1;
        if (kind === 'answer' && at > 0) return messageOf(seq, text, { from, re: idOf(1 + (of % at)) });
        if (kind === 'message' || kind === 'answer') return messageOf(seq, text, { from });
        if (kind === 'edit') return edit(seq, of, text, from);
        if (kind === 'retract') return retract(seq, of, from);
        return react(seq, of, text, from, kind === 'react');
      }),
    );
    fc.assert(
      fc.property(history, fc.nat(15), fc.integer({ min: 1, max: 5 }), (all, cut, size) => {
        const oneByOne = all.reduce((model, message) => received(model, lobby, [message]), sampleModel());
        const head = Math.min(cut, all.length);
        const live = all.slice(head);
        let model = received(sampleModel(['Lobby'], head), lobby, live);
        model = received(model, lobby, live.slice(0, size));
        for (let before = head; before > 0; before -= size) {
          const from = Math.max(0, before - size);
          model = receivedOlder(model, lobby, pageOf(all.slice(from, before), from + 1));
        }
        expect(seen(model)).toEqual(seen(oneByOne));
      }),
    );
  });
});

/** Everything that is shown of each message. */
function seen(model: Model): readonly unknown[] {
  return messagesIn(model).map(({ message: _, ...shown }) => shown);
}

describe('a message that was retracted', () => {
  const model = received(three(), lobby, [retract(4, 1)]);

  test('has no text any more: not in its entry, and not where it is answered', () => {
    expect(messagesIn(model)).toMatchObject([
      { text: '', retracted: true },
      { text: 'two' },
      { text: 'three', answers: { from: 'bob', text: undefined } },
    ]);
    expect(JSON.stringify(roomOf(model, lobby)?.timeline.entries)).not.toContain('one');
  });

  test('is not quoted by an answer that is on its way', () => {
    const echo = {
      ...echoOf('so?'),
      ...({ state: 'failed', reason: 'no' } as const),
      answers: { id: idOf(1), from: userName('bob'), text: 'one' },
    } as const;
    const answered = received(echoed(three(), lobby, echo), lobby, [retract(4, 1)]);
    expect(roomOf(answered, lobby)?.timeline.echoes).toMatchObject([{ answers: { text: undefined } }]);
  });

  test('stays so, whatever comes after it', () => {
    const after = received(model, lobby, [edit(5, 1, 'back again'), react(6, 1, '👍')]);
    expect(messagesIn(after)[0]).toMatchObject({ text: '', retracted: true, reactions: [] });
  });

  test('stays so in a flood of reactions, also when it was not loaded before it', () => {
    const flood = Array.from({ length: ACTIONS_MAX + 10 }, (_, at) => react(5 + at, 2, `${at}`, 2));
    const flooded = received(received(sampleModel(['Lobby'], 3), lobby, [retract(4, 1)]), lobby, flood);
    const loaded = receivedOlder(flooded, lobby, pageOf([messageOf(1, 'one'), messageOf(2, 'two')]));
    expect(messagesIn(loaded)[0]).toMatchObject({ text: '', retracted: true });
    const known = roomOf(loaded, lobby)?.timeline.actions ?? new Map();
    expect([...known.values()].flat().length).toBeLessThanOrEqual(ACTIONS_MAX);
  });
});

describe('what is done to messages', () => {
  test('is neither unread nor a mention, nor below a scrolled screen', () => {
    const two = sampleModel(['Lobby', 'Ops']);
    const acted = [edit(2, 1, 'hi', 1), react(3, 1, '👍', 2)];
    const model = received(received(two, other, [messageOf(1, 'hello')]), other, acted);
    expect(roomOf(model, other)).toMatchObject({ unread: 1, mentions: 0 });
    const item = messagesIn(three())[0];
    const held = scrolled(three(), lobby, item && { item, block: 'start', offset: 0 });
    expect(roomOf(received(held, lobby, [react(4, 2, '👍')]), lobby)).toMatchObject({ below: 0 });
  });

  test('leaves nothing unread where a message was retracted or has disappeared, also in the line above', () => {
    const two = sampleModel(['Lobby', 'Ops']);
    const said = [messageOf(1, 'one'), messageOf(2, 'two'), messageOf(3, 'three')];
    const heard = received(received(two, other, said), other, [retract(4, 2)]);
    expect(roomOf(heard, other)).toMatchObject({ unread: 2 });
    const over = disappeared(heard, other, [messageOf(3, 'three')]);
    expect(roomOf(over, other)).toMatchObject({ unread: 1 });
    expect(activeRoom(activated(over, other))).toMatchObject({ readLine: { unread: 1 } });
    const none = received(over, other, [retract(5, 1)]);
    expect(roomOf(none, other)).toMatchObject({ unread: 0, mayHaveMoreUnread: false });
    expect(activeRoom(activated(none, other))?.readLine).toBeUndefined();
  });

  test('is read where everything was read, so that it is not unread after the next start', () => {
    const read = looked(three(), { from: 1, to: 3 });
    expect(roomOf(received(read, lobby, [react(4, 2, '👍', 2)]), lobby)).toMatchObject({
      read: 4,
      unread: 0,
    });
    const unread = received(three(), lobby, [react(4, 2, '👍', 2)]);
    expect(roomOf(unread, lobby)).toMatchObject({ read: 0, unread: 3 });
    expect(roomOf(looked(unread, { from: 1, to: 3 }), lobby)).toMatchObject({ read: 4, unread: 0 });
  });

  test('mentions where an edit adds the name, and no more once it is gone', () => {
    const two = sampleModel(['Lobby', 'Ops']);
    const named = received(received(two, other, [messageOf(1, 'hello')]), other, [edit(2, 1, 'hello ada')]);
    expect(roomOf(named, other)).toMatchObject({ unread: 1, mentions: 1 });
    expect(roomOf(received(named, other, [retract(3, 1)]), other)).toMatchObject({ mentions: 0 });
  });

  test('keeps what is held in sight in its place, though it is another entry now', () => {
    const item = messagesIn(three())[0];
    const held = scrolled(three(), lobby, item && { item, block: 'start', offset: 0 });
    const model = received(held, lobby, [edit(4, 1, 'uno')]);
    expect(roomOf(model, lobby)?.anchor?.item).toBe(messagesIn(model)[0]);
  });
});

describe('a message that mentions by id', () => {
  test('is a mention whatever its text calls one', () => {
    const by = (mentions: ShownMessage['mentions'] & object) =>
      received(activated(sampleModel(['Lobby', 'Ops']), lobby), other, [
        messageOf(1, 'you there?', { mentions }),
      ]);
    expect(roomOf(by([ada.id]), other)).toMatchObject({ mentions: 1 });
    expect(roomOf(by([userIdOf(2)]), other)).toMatchObject({ mentions: 0 });
  });
});
