import { describe, expect, test } from 'vitest';
import { messageOf, roomIdOf, sampleModel } from '../../../test/support/chat/sample-model.ts';
import { activated, activeRoom, type Model, withIgnored, withRoom } from './model.ts';
import { happened, received } from './room-changes.ts';
import type { RoomModel } from './room-model.ts';
import { keptDraft, neighbour, selectedMessage, withIntent, withSelected } from './selection.ts';

const lobby = roomIdOf(0);
const room = (model: Model): RoomModel => activeRoom(model) ?? expect.unreachable();

/** Bob's messages at 1, 2 and 4, one of another at 3, and something that happened last. */
function said(): Model {
  const messages = [1, 2, 3, 4].map((seq) => messageOf(seq, `message ${seq}`, { from: seq === 3 ? 2 : 1 }));
  return happened(received(sampleModel(['Lobby', 'Ops']), lobby, messages), lobby, 'ann joined');
}

describe('a selection', () => {
  test('begins at the newest message, and goes over messages only', () => {
    const none = new Set<string>();
    const at = (seq: number | undefined): RoomModel => room(withSelected(said(), lobby, seq));
    expect(neighbour(at(undefined), -1, none)?.seq).toBe(4);
    expect(neighbour(at(4), -1, none)?.seq).toBe(3);
    expect(neighbour(at(1), -1, none)).toBeUndefined();
    expect(neighbour(at(1), 1, none)?.seq).toBe(2);
    expect(neighbour(at(4), 1, none)).toBeUndefined();
    expect(neighbour(room(sampleModel()), -1, none)).toBeUndefined();
  });

  test('passes over what is hidden', () => {
    const model = withIgnored(withSelected(said(), lobby, 4), new Set(['user2']));
    expect(neighbour(room(model), -1, model.ignored)?.seq).toBe(2);
  });

  test('is gone with its message, and when another room is shown', () => {
    const model = withSelected(said(), lobby, 4);
    expect(selectedMessage(room(model))).toMatchObject({ text: 'message 4' });
    const cleared = withRoom(model, lobby, (known) => ({
      ...known,
      timeline: { ...known.timeline, entries: [] },
    }));
    expect(selectedMessage(room(cleared))).toBeUndefined();
    const elsewhere = activated(activated(model, roomIdOf(1)), lobby);
    expect(selectedMessage(room(elsewhere))).toBeUndefined();
  });

  test('ends when what is typed is for it; of an edit, only what was typed before is kept', () => {
    const typing = withRoom(withSelected(said(), lobby, 4), lobby, (known) => ({
      ...known,
      draft: 'new text',
    }));
    const editing = room(withIntent(typing, lobby, { kind: 'edit', seq: 4, before: 'half a draft' }));
    expect([editing.selected, keptDraft(editing)]).toEqual([undefined, 'half a draft']);
    const answering = room(withIntent(typing, lobby, { kind: 'reply', seq: 4, before: '' }));
    expect(keptDraft(answering)).toBe('new text');
  });
});
