import { expect, test } from 'vitest';
import { messageOf, roomIdOf, sampleFile, sampleModel } from '../../../test/support/chat/sample-model.ts';
import type { MessageEntry } from './entry.ts';
import { fileNumbered, withFileState } from './files.ts';
import { activeRoom, type Model } from './model.ts';
import { received, receivedOlder, scrolled } from './room-changes.ts';
import { restarted } from './timeline.ts';

const lobby = roomIdOf(0);
const withFile = (seq: number, ...names: readonly string[]) =>
  messageOf(seq, 'here', { files: names.map((name, at) => sampleFile(name, 16 * seq + at)) });

function entriesOf(model: Model): readonly MessageEntry[] {
  const entries = activeRoom(model)?.timeline.entries ?? [];
  return entries.flatMap((entry) => (entry.kind === 'message' ? [entry] : []));
}

const numbersOf = (model: Model) =>
  entriesOf(model).map(({ files = [] }) => files.map(({ name, number }) => `${number} ${name}`));

test('each file that is loaded has a number of its own, also when older ones come later', () => {
  const live = received(sampleModel(['Lobby'], 5), lobby, [withFile(6, 'a', 'b'), messageOf(7, 'no file')]);
  expect(numbersOf(live)).toEqual([['1 a', '2 b'], []]);
  const page = { messages: [withFile(4, 'older')], through: 4, more: true };
  const both = received(receivedOlder(live, lobby, page), lobby, [withFile(8, 'c')]);
  expect(numbersOf(both)).toEqual([['3 older'], ['1 a', '2 b'], [], ['4 c']]);
  const room = activeRoom(both) ?? expect.unreachable();
  expect(fileNumbered(room, 2)).toMatchObject({ name: 'b' });
  expect(fileNumbered(room, 5)).toBeUndefined();
  expect(restarted(room.timeline, 8).lastFile).toBe(4);
});

test('what became of a file stays known when its message is edited or reacted to, and goes with the file', () => {
  const first = withFile(6, 'a', 'b');
  const came = received(sampleModel(['Lobby'], 5), lobby, [first]);
  const saved = withFileState(came, lobby, 1, { kind: 'saved', place: '/tmp/a' });
  const act = { ...messageOf(7, ''), of: first.id, user: first.user };
  const { files = [] } = first;
  const reacted = received(saved, lobby, [{ ...act, type: 'react', emoji: '👍', add: true }]);
  expect(entriesOf(reacted)[0]?.files).toMatchObject([
    { number: 1, state: { kind: 'saved' } },
    { number: 2, state: undefined },
  ]);
  const fewer = { ...act, type: 'edit' as const, text: 'one only', files: files.slice(0, 1) };
  const edited = received(saved, lobby, [fewer]);
  expect(entriesOf(edited)[0]?.files).toMatchObject([{ number: 1, name: 'a', state: { kind: 'saved' } }]);
  // Another file with the same name and id is another file.
  const swapped = { ...fewer, files: files.map((file) => ({ ...file, key: new Uint8Array(32).fill(9) })) };
  expect(entriesOf(received(saved, lobby, [swapped]))[0]?.files).toMatchObject([
    { number: 3, state: undefined },
    { number: 4 },
  ]);
  const retracted = received(saved, lobby, [{ ...act, type: 'retract' }]);
  expect(entriesOf(retracted)[0]?.files).toBeUndefined();
});

test('a row that somebody reads stays in its place while its file comes', () => {
  const came = received(sampleModel(['Lobby'], 5), lobby, [withFile(6, 'a')]);
  const item = entriesOf(came)[0] ?? expect.unreachable();
  const read = scrolled(came, lobby, { item, block: 'end', offset: 0 });
  const now = withFileState(read, lobby, 1, { kind: 'receiving', percent: 3 });
  expect(activeRoom(now)?.anchor?.item).toBe(entriesOf(now)[0]);
});
