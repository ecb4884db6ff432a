import { expect, test } from 'vitest';
import {
  actionOn,
  echoOf,
  messageOf,
  roomIdOf,
  sampleModel,
  userIdOf,
} from '../../../test/support/chat/sample-model.ts';
import type { MessageAction } from '../../sdk/rooms/room-events.ts';
import { refKey } from './entry.ts';
import { quotedLine } from './entry-words.ts';
import { type Model, roomOf, withRoom } from './model.ts';
import { disappeared, echoed, received } from './room-changes.ts';
import { withIntent } from './selection.ts';

const lobby = roomIdOf(0);
const edit = (seq: number, of: number, text: string, from: number): MessageAction => ({
  ...actionOn(of, seq, from),
  ...{ type: 'edit', text, expires: 60 },
});
const passing = { expires: 60 };
const first = messageOf(1, 'the code is 4711', passing);
const came = (): Model =>
  received(sampleModel(), lobby, [
    first,
    messageOf(2, 'mine is 4712', { from: 0, ...passing }),
    messageOf(3, 'thanks', { re: first.id }),
    edit(4, 1, 'sorry, 4713', 1),
    messageOf(5, 'hello'),
  ]);

test('what has disappeared is nowhere in a room: not in its place, in edits, in answers, in echoes or in a list of what was found', () => {
  const item = { id: refKey(first), label: 'Lobby', detail: 'the code is 4711' };
  const other = { id: 'another', label: 'Lobby', detail: 'hello' };
  const answers = { id: first.id, from: first.from, text: 'sorry, 4713' };
  const listed: Model = {
    ...echoed(came(), lobby, { ...echoOf('got it'), answers }),
    dialog: {
      ...{ kind: 'picker', number: 1, title: 'found', items: [item, other], match: 'words', query: '' },
      ...{ selected: 1, nothing: '', excerpts: true },
    },
  };
  expect(JSON.stringify(listed)).toContain('4713');
  const after = disappeared(listed, lobby, [first]);
  const room = roomOf(after, lobby) ?? expect.unreachable();
  const everything = [room.timeline.entries, room.timeline.echoes, [...room.timeline.actions], after.dialog];
  for (const gone of ['4711', '4713']) expect(JSON.stringify(everything)).not.toContain(gone);
  const [one, two, three] = room.timeline.entries;
  expect(one).toMatchObject({ text: '', disappeared: true, edited: false, expires: undefined });
  expect(two).toMatchObject({ text: 'mine is 4712', disappeared: false, expires: 60 });
  const quoted = three?.kind === 'message' ? three.answers : undefined;
  expect(quoted && quotedLine(quoted, new Set())).toBe('↳ a message from bob that has disappeared');
  expect(after.dialog).toMatchObject({ items: [other], selected: 0 });
});

test('what disappears while somebody edits it leaves the input, and what was typed before comes back', () => {
  const begun = withIntent(came(), lobby, { kind: 'edit', seq: 2, before: 'half a thought' });
  const editing = withRoom(begun, lobby, (room) => ({ ...room, draft: 'mine is 4712, still' }));
  expect(roomOf(disappeared(editing, lobby, [first]), lobby)?.draft).toBe('mine is 4712, still');
  const own = { id: messageOf(2, '').id, user: userIdOf(0) };
  expect(roomOf(disappeared(editing, lobby, [own]), lobby)).toMatchObject({
    ...{ intent: undefined, draft: 'half a thought' },
  });
});

test('a message stays when one of somebody else with its id has disappeared, and nothing brings back one that has', () => {
  const stays = disappeared(came(), lobby, [{ id: first.id, user: userIdOf(9) }]);
  expect(roomOf(stays, lobby)?.timeline.entries[0]).toMatchObject({ text: 'sorry, 4713' });
  const over = disappeared(came(), lobby, [first]);
  const again = received(over, lobby, [edit(6, 1, '4714', 1), first]);
  expect(roomOf(again, lobby)?.timeline.entries[0]).toMatchObject({ text: '', disappeared: true });
  const taken = received(over, lobby, [{ ...actionOn(1, 6), type: 'retract' }]);
  expect(roomOf(taken, lobby)?.timeline.entries[0]).toMatchObject({ text: '', retracted: true });
});
