import { describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { anyRoom, listen } from '../../test/support/ports/service-world.ts';
import { roomOnTwoNodes } from '../../test/support/ports/set-ups.ts';
import { TYPING_INTERVAL_MS, TYPING_ONLINE_MAX } from '../protocol/limits.ts';
import { encodeEvent } from '../protocol/server-codec.ts';

describe('a typing notice', () => {
  it('reaches the nodes of the room as an event of the user who is typing', async () => {
    const room = await openRoom();
    expect(await room.a.requests.typing(room.ann, { room: room.id })).toEqual({});
    const told = encodeEvent('typing', { room: room.id, user: room.ann.user });
    await eventually(() => expect(room.heard()).toEqual([told]));
  });

  it('is passed on once in 3 seconds, whichever session of the user sends it', async () => {
    const room = await openRoom();
    const another = room.world.session(room.ann);
    for (const caller of [room.ann, another, room.ann])
      expect(await room.a.requests.typing(caller, { room: room.id })).toEqual({});
    await eventually(() => expect(room.heard()).toHaveLength(1));
    room.world.clock.aheadMs += TYPING_INTERVAL_MS + 1;
    await room.a.requests.typing(another, { room: room.id });
    await eventually(() => expect(room.heard()).toHaveLength(2));
  });

  it('of one user leaves the notices of others alone', async () => {
    const room = await openRoom();
    await room.a.requests.typing(room.ann, { room: room.id });
    await room.a.requests.typing(room.bob, { room: room.id });
    await eventually(() => expect(room.heard()).toHaveLength(2));
  });

  it('is not passed on while more members are online than anybody could follow', async () => {
    const room = await openRoom();
    for (let i = 0; i <= TYPING_ONLINE_MAX; i += 1) {
      const { user } = await room.world.caller(`user${i}`);
      await room.a.core.relay.presence.setInRoom(room.id, user, 1);
    }
    expect(await room.a.requests.typing(room.ann, { room: room.id })).toEqual({});
    expect(room.heard()).toEqual([]);
  });

  it('is refused from a user who is not a member, and for a room that does not exist', async () => {
    const room = await openRoom();
    for (const id of [room.id, anyRoom()]) {
      const refused = await room.a.requests.typing(room.eve, { room: id });
      expect(refused).toMatchObject({ refused: 'not_a_member' });
    }
    expect(room.heard()).toEqual([]);
  });
});

/** Bob joined on another node, which hears what is told. */
async function openRoom() {
  const { room, ...rest } = await roomOnTwoNodes('typists', ['bob']);
  const { notices } = await listen(rest.b, room);
  const heard = () => notices.flatMap((notice) => ('event' in notice ? [notice.event] : []));
  return { ...rest, id: room, heard };
}
