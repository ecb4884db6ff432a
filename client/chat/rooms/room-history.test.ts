import { expect, test } from 'vitest';
import { messageOf, messagesAfter, roomIdOf, sampleModel } from '../../../test/support/chat/sample-model.ts';
import type { HistoryPage, Room } from '../../sdk/rooms/room.ts';
import { type Model, roomOf, withOwnRooms } from '../model/model.ts';
import { Store } from '../store.ts';
import { RoomHistory } from './room-history.ts';

const other = roomIdOf(1);
type Asked = Parameters<Room['history']>[0];

/** A room whose server answers as `page` says, before a model in which it was read up to a position. */
function historyOf(head: number, read: number, page: (before: number, limit: number) => HistoryPage) {
  const facts = { id: other, name: messageOf(1, '').room, role: 'member', head, read } as const;
  const shown = { ...facts, id: roomIdOf(0), head: 0, read: 0 };
  const store = new Store(withOwnRooms(sampleModel(['Lobby']), [shown, facts]));
  const asked: Asked[] = [];
  const room: Pick<Room, 'id' | 'head' | 'history'> = {
    id: other,
    head,
    history: async (bounds) => {
      asked.push(bounds);
      return page(bounds.before ?? 0, bounds.limit ?? 0);
    },
  };
  return { history: new RoomHistory(room, store), asked, state: () => stateOf(store.model) };
}

function stateOf(model: Model) {
  const room = roomOf(model, other) ?? expect.fail('the room is there');
  const { unread, mayHaveMoreUnread, loading, timeline } = room;
  return { unread, mayHaveMoreUnread, loading, messages: timeline.entries.length };
}

/** Pages speak for 192 positions, and there are messages at 1 to `below` and at `above` only. */
function sparse(below: number, above: number) {
  const all = [...messagesAfter(0, below), messageOf(above, 'late')];
  return (before: number, limit: number): HistoryPage => {
    const lowest = Math.max(1, before - 192);
    const within = all.filter(({ seq }) => seq >= lowest && seq < before).slice(-limit);
    const through = within.length === limit ? (within[0]?.seq ?? lowest) : lowest;
    return { messages: within, through, more: through > 1 };
  };
}

test('the first look at a room is followed through pages that bring nothing, until the screen is full', async () => {
  const { history, asked, state } = historyOf(5_122, 0, sparse(60, 5_122));
  await history.loadFirst();
  expect(state()).toMatchObject({ messages: 50, loading: false });
  expect(asked.length).toBeGreaterThan(20);
});

test('unread messages are counted by themselves, and no further than they go', async () => {
  const { history, state, asked } = historyOf(1_001, 298, sparse(300, 1_001));
  await history.loadUnread();
  expect(state()).toMatchObject({ unread: 3, mayHaveMoreUnread: false });
  expect(asked.every(({ limit = 0 }) => limit <= 100)).toBe(true);
});

test('more unread messages than are counted are said to be more', async () => {
  const { history, state } = historyOf(500, 0, sparse(499, 500));
  await history.loadUnread();
  expect(state()).toMatchObject({ unread: 100, mayHaveMoreUnread: true });
});

test('a server that claims for ever that there is more is not asked for ever', async () => {
  const { history, asked } = historyOf(1_000_000, 0, (before) => ({
    messages: [],
    through: before - 1,
    more: true,
  }));
  await history.loadFirst();
  expect(asked).toHaveLength(50);
});
