import { describe, expect, it } from 'vitest';
import { parseMessageId } from '../../../src/protocol/ids.ts';
import { ada, messageOf, roomName } from '../../../test/support/chat/sample-model.ts';
import type { Room } from '../../sdk/rooms/room.ts';
import type { RoomMessage } from '../../sdk/rooms/room-events.ts';
import { messageIn, parsedTarget } from './message-target.ts';

const idOf = (text: string) => parseMessageId(text.padEnd(32, '0')) ?? expect.unreachable();

/** A room with these messages, whose history comes in pages of 100. */
function roomOf(
  messages: readonly RoomMessage[],
): Pick<Room, 'name' | 'head' | 'history'> & { readonly asked: () => number } {
  let asked = 0;
  return {
    name: roomName('Lobby'),
    head: messages.length,
    asked: () => asked,
    history: async ({ before = 1, limit = 100 }) => {
      asked += 1;
      const from = Math.max(0, before - 1 - limit);
      return { messages: messages.slice(from, before - 1), through: from + 1, more: from > 0 };
    },
  };
}

const found = async (room: ReturnType<typeof roomOf>, text: string): Promise<number> =>
  (await messageIn(room, parsedTarget(text), 'any', ada.id)).message.seq;

describe('the message that is meant', () => {
  const two = [
    messageOf(1, 'one', { id: idOf('aaaaaaaa1') }),
    messageOf(2, 'two', { id: idOf('aaaaaaaa2') }),
  ];

  it('is told by as much of its id as no other begins with', async () => {
    expect(await found(roomOf(two), 'aaaaaaaa2')).toBe(2);
    await expect(found(roomOf(two), 'aaaaaaaa')).rejects.toThrow(
      'more than one message begins with aaaaaaaa',
    );
  });

  it('is looked for in the last 1,000 messages, and in no more', async () => {
    const many = Array.from({ length: 1_500 }, (_, at) =>
      messageOf(at + 1, 'x', { id: idOf(`${at + 10_000_000}`) }),
    );
    expect(await found(roomOf(many), '10000500')).toBe(501);
    const room = roomOf(many);
    await expect(found(room, '10000499')).rejects.toThrow('among the last 1,000 of Lobby');
    expect(room.asked()).toBe(10);
  });

  it('is looked for no further where a page does not lead down, whatever the server says is more', async () => {
    const stuck = { ...roomOf([]), head: 7, history: async () => ({ messages: [], through: 8, more: true }) };
    await expect(messageIn(stuck, parsedTarget('last'), 'any', ada.id)).rejects.toThrow(
      'no message in Lobby',
    );
  });

  it.each(['LAST', 'aaaaaaa', 'g'.repeat(8), 'a'.repeat(33), ''])('is not %j', (text) => {
    expect(() => parsedTarget(text)).toThrow('is not a message');
  });
});
