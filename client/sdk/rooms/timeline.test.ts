import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFileId, parseMessageId, parseUserId } from '../../../src/protocol/ids.ts';
import type { SharedFile } from '../../../src/protocol/layouts/content.ts';
import { parseRoomName, parseUserName } from '../../../src/protocol/names.ts';
import type { MessageAction, RoomMessage, ShownMessage } from './room-events.ts';
import { carriedFiles, timelineOf } from './timeline.ts';

const PEOPLE = ['ann', 'bob', 'eve'] as const;
type Who = (typeof PEOPLE)[number];

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the test is broken');
  return value;
}

const room = present(parseRoomName('Room'));
const idOf = (n: number) => present(parseMessageId(n.toString(16).padStart(32, '0')));
const userOf = (who: Who) => present(parseUserId(PEOPLE.indexOf(who).toString(16).padStart(32, 'a')));

const sent = (seq: number, who: Who) => ({
  ...{ room, seq, id: idOf(seq), from: present(parseUserName(who)), user: userOf(who), at: seq },
  trust: 'pinned' as const,
});
const message = (seq: number, who: Who, text: string): ShownMessage => ({
  ...{ ...sent(seq, who), type: 'message', status: 'ok', text },
});
const edit = (seq: number, who: Who, of: number, text: string): MessageAction => ({
  ...{ ...sent(seq, who), type: 'edit', of: idOf(of), text },
});
const retract = (seq: number, who: Who, of: number): MessageAction => ({
  ...{ ...sent(seq, who), type: 'retract', of: idOf(of) },
});
const react = (seq: number, who: Who, of: number, emoji: string, add = true): MessageAction => ({
  ...{ ...sent(seq, who), type: 'react', of: idOf(of), emoji, add },
});

const remove = (
  seq: number,
  who: Who,
  of: number,
  role: 'owner' | 'moderator' | 'member' | undefined,
): MessageAction => ({
  ...{ ...sent(seq, who), type: 'remove', of: idOf(of), why: `${seq}` },
  ...(role === undefined ? {} : { role }),
});

function only(history: readonly RoomMessage[]) {
  const { messages } = timelineOf(history);
  expect(messages).toHaveLength(1);
  return present(messages[0]);
}

describe('a timeline', () => {
  it('shows the text of the latest edit, and those before it', () => {
    const shown = only([message(1, 'ann', 'one'), edit(2, 'ann', 1, 'two'), edit(3, 'ann', 1, 'three')]);
    expect([shown.wording.text, shown.former.map(({ text }) => text)]).toEqual(['three', ['one', 'two']]);
  });

  it('has the files of a message until an edit has others, or its sender took it back', () => {
    const [a, b] = ['a.pdf', 'b.pdf'].map((name) => ({
      ...{ name, file: present(parseFileId('0f'.repeat(16))), type: 'application/pdf', size: 1 },
      ...{ key: new Uint8Array(32), hash: new Uint8Array(32) },
    }));
    const files = [present(a)];
    const given = { ...message(1, 'ann', 'one'), files };
    expect(only([given]).wording.files).toEqual(files);
    const without = edit(2, 'ann', 1, 'two');
    expect(only([given, without]).wording.files).toBeUndefined();
    const others = { ...edit(2, 'ann', 1, 'two'), files: [present(b)] } as MessageAction;
    expect(only([given, others]).wording.files).toEqual([present(b)]);
    expect(only([given, retract(3, 'ann', 1)]).wording.files).toBeUndefined();
  });

  it('says which files a message ever carried, each once and the newest of too many, and none of what others say', () => {
    const fileOf = (n: number): SharedFile => ({
      ...{
        file: present(parseFileId(n.toString(16).padStart(32, '0'))),
        name: 'a',
        type: 'text/plain',
        size: 1,
      },
      ...{ key: new Uint8Array(32), hash: new Uint8Array(32) },
    });
    const carrying = (action: MessageAction, ...files: SharedFile[]) =>
      ({ ...action, files }) as MessageAction;
    const numbers = (history: readonly RoomMessage[]) => {
      const { sender, files } = carriedFiles(only(history));
      expect(sender).toBe(userOf('ann'));
      return files.map(({ file }) => Number.parseInt(file, 16)).sort((a, b) => a - b);
    };
    const first = { ...message(1, 'ann', 'one'), files: [fileOf(0), fileOf(1)] };
    expect(numbers([first])).toEqual([0, 1]);
    expect(numbers([first, carrying(edit(2, 'ann', 1, 'two'), fileOf(1), fileOf(2))])).toEqual([0, 1, 2]);
    expect(numbers([first, edit(2, 'ann', 1, 'two'), carrying(edit(3, 'eve', 1, 'x'), fileOf(7))])).toEqual([
      0, 1,
    ]);
    const edits = Array.from({ length: 150 }, (_, n) => carrying(edit(n + 2, 'ann', 1, 'x'), fileOf(n + 2)));
    expect(numbers([first, ...edits])).toEqual(Array.from({ length: 100 }, (_, n) => n + 52));
    expect(numbers([first, retract(2, 'ann', 1)])).toEqual([]);
  });

  it('shows nothing of a message that its sender took back, whatever is done to it later', () => {
    const taken = only([
      ...[message(1, 'ann', 'oh'), react(2, 'bob', 1, '👍'), retract(3, 'ann', 1)],
      ...[edit(4, 'ann', 1, 'again'), react(5, 'eve', 1, '👍')],
    ]);
    expect(taken).toMatchObject({ isRetracted: true, wording: {}, former: [], reactions: [] });
  });

  it('counts each emoji once for each person, and by the last word of each', () => {
    const shown = only([
      ...[message(1, 'ann', 'hi'), react(2, 'bob', 1, '👍'), react(3, 'bob', 1, '👍')],
      ...[react(4, 'eve', 1, '🎉'), react(5, 'ann', 1, '👍'), react(6, 'bob', 1, '👍', false)],
      ...[react(7, 'eve', 1, '🎉', false)],
    ]);
    expect(shown.reactions).toEqual([{ emoji: '👍', users: [userOf('ann')] }]);
  });

  it('refuses what is done to the message of another, to an action, to what cannot be read, or before its time', () => {
    const unread: ShownMessage = { ...sent(4, 'bob'), type: 'message', status: 'forged', reason: 'no' };
    const history = [
      ...[message(2, 'ann', 'mine'), react(3, 'bob', 2, '👍'), unread],
      ...[edit(1, 'ann', 2, 'too early'), edit(5, 'eve', 2, 'yours'), retract(6, 'eve', 2)],
      ...[react(7, 'eve', 3, '👍'), react(8, 'eve', 4, '👍'), edit(9, 'ann', 9, 'itself')],
    ];
    const { messages, refused } = timelineOf(history);
    expect(refused.map(({ action, fault }) => [action.seq, fault])).toEqual([
      ...[
        [1, 'not_after'],
        [5, 'another_sender'],
        [6, 'another_sender'],
      ],
      ...[
        [7, 'not_a_message'],
        [8, 'not_a_message'],
        [9, 'not_a_message'],
      ],
    ]);
    expect(messages.map(({ wording, reactions }) => [wording.text, reactions.length])).toEqual([
      ['mine', 1],
      [undefined, 0],
    ]);
  });

  it('shows nothing of a message that has disappeared, nor of one whose last edit has', () => {
    const over = { text: '', expires: 5, disappeared: true } as const;
    const history = [
      { ...message(1, 'ann', 'oh'), ...over },
      edit(2, 'ann', 1, 'again'),
      react(3, 'bob', 1, '👍'),
      remove(4, 'eve', 1, 'owner'),
    ];
    const shown = { hasDisappeared: true, isRetracted: false, wording: {}, former: [], reactions: [] };
    expect(only(history)).toMatchObject({ ...shown, removal: undefined });
    const edited = [message(1, 'ann', 'oh'), { ...edit(2, 'ann', 1, ''), ...over }];
    expect(only(edited)).toMatchObject(shown);
    expect(only([...edited, edit(3, 'ann', 1, 'once more')]).hasDisappeared).toBe(false);
    const byAnother = [message(1, 'ann', 'oh'), { ...edit(2, 'eve', 1, ''), ...over }];
    expect(only(byAnother)).toMatchObject({ hasDisappeared: false, wording: { text: 'oh' } });
    expect(only([...history, retract(5, 'ann', 1)])).toMatchObject({
      ...{ isRetracted: true, hasDisappeared: false },
    });
  });

  it('folds up what a moderator removed, keeps its text, and names who did it last', () => {
    const shown = only([
      ...[message(1, 'ann', 'buy now'), remove(2, 'eve', 1, 'owner'), react(3, 'eve', 1, '👍')],
      ...[remove(4, 'bob', 1, 'moderator'), edit(5, 'ann', 1, 'buy now!')],
    ]);
    expect(shown).toMatchObject({
      ...{ wording: { text: 'buy now!' }, removal: { from: 'bob', why: '4' }, isRetracted: false },
    });
    expect(shown.reactions).toHaveLength(1);
    const taken = only([message(1, 'ann', 'oh'), remove(2, 'eve', 1, 'owner'), retract(3, 'ann', 1)]);
    expect(taken).toMatchObject({ wording: {}, removal: undefined, isRetracted: true });
  });

  it('refuses a removal by a plain member, or by somebody whose role of that time is not known', () => {
    const history = [message(1, 'ann', 'hi'), remove(2, 'ann', 1, 'member'), remove(3, 'eve', 1, undefined)];
    expect(only(history).removal).toBeUndefined();
    expect(timelineOf(history).refused.map(({ fault }) => fault)).toEqual(['no_moderator', 'no_moderator']);
  });

  it('keeps what is done to a message that is not there yet', () => {
    const later = [edit(2, 'ann', 1, 'two'), react(3, 'bob', 1, '👍')];
    expect(timelineOf(later).waiting).toEqual(later);
    expect(timelineOf([...later, message(1, 'ann', 'one')]).waiting).toEqual([]);
  });

  it('gives an id to the earlier of two messages that have it', () => {
    const copied: ShownMessage = { ...message(2, 'eve', 'mine now'), id: idOf(1) };
    const { messages } = timelineOf([copied, message(1, 'ann', 'hi'), edit(3, 'ann', 1, 'hi all')]);
    expect(messages.map(({ wording }) => wording.text)).toEqual(['hi all', 'mine now']);
  });

  it('is the same however the same messages come: in pages of any size, live, in any order, or twice', () => {
    const what = fc.record({
      who: fc.constantFrom(...PEOPLE),
      kind: fc.constantFrom(
        'message',
        'message',
        'over',
        'edit',
        'edit over',
        'retract',
        'react',
        'unreact',
        'remove',
      ),
      role: fc.constantFrom('owner' as const, 'moderator' as const, 'member' as const, undefined),
      of: fc.nat(20),
      text: fc.constantFrom('a', 'b', '👍', '🎉'),
    });
    const history = fc.array(what, { maxLength: 20 }).map((all) =>
      all.map(({ who, kind, of, text, role }, seq): RoomMessage => {
        if (kind === 'message') return message(seq, who, text);
        const over = { text: '', expires: 5, disappeared: true } as const;
        if (kind === 'over') return { ...message(seq, who, ''), ...over };
        if (kind === 'edit over') return { ...edit(seq, who, of, ''), ...over } as RoomMessage;
        if (kind === 'edit') return edit(seq, who, of, text);
        if (kind === 'retract') return retract(seq, who, of);
        if (kind === 'remove') return remove(seq, who, of, role);
        return react(seq, who, of, text, kind === 'react');
      }),
    );
    const arrivals = history.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: 2 * all.length })),
    );
    fc.assert(
      fc.property(arrivals, ([inOrder, shuffled]) => {
        expect(timelineOf(shuffled)).toEqual(timelineOf(inOrder));
      }),
    );
  });
});
