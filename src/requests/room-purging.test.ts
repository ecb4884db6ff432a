import { beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { accepted, PreparedSends } from '../../test/support/ports/prepared-send.ts';
import {
  listen,
  roomNamed,
  type ServiceNode,
  type ServiceWorld,
} from '../../test/support/ports/service-world.ts';
import { makeRoom, roomOnTwoNodes } from '../../test/support/ports/set-ups.ts';
import type { Caller } from '../core/caller.ts';
import type { RoomId } from '../protocol/ids.ts';
import { administration } from './administration.ts';

describe('purging a room', () => {
  let world: ServiceWorld;
  let a: ServiceNode;
  let b: ServiceNode;
  let ann: Caller;
  let bob: Caller;
  let room: RoomId;
  beforeEach(async () => {
    ({ world, a, b, ann, bob, room } = await roomOnTwoNodes('Harbour', ['bob']));
  });

  const purge = (node: ServiceNode) => administration.purge(node.core, { room: roomNamed('hARBOUR') });

  const stored = () =>
    world.messages.page(room, ann.user, { after: 0, through: 100, order: 'ascending', limit: 10 });

  it('takes the record, its place and every copy, tells who is there, and frees the name', async () => {
    const sends = new PreparedSends(ann);
    const view = await world.record(room);
    accepted(await a.requests.send(ann, sends.prepare(view)));
    expect(await stored()).toHaveLength(1);
    const inRoom = await listen(b, room);
    expect(await purge(b)).toEqual({ room: 'Harbour', members: 2 });
    expect(await stored()).toEqual([]);
    expect(await world.stores.rooms.byId(room)).toBeUndefined();
    await eventually(() => expect(inRoom.notices.map(({ about }) => about)).toContain('room-gone'));
    expect(await a.requests.send(ann, sends.prepare(view))).toMatchObject({
      refused: 'not_a_member',
    });
    expect(await a.core.views.current(room)).toBeUndefined();
    await makeRoom(a, bob, 'Harbour');
  });

  it('wins over members who come and go meanwhile', async () => {
    const held = b.rooms.hold('delete');
    const purged = purge(b);
    await held.arrived;
    accepted(await a.requests.join(await world.caller('cid'), { name: roomNamed('Harbour') }));
    held.release();
    expect(await purged).toEqual({ room: 'Harbour', members: 3 });
  });

  it('of a room that is not there is refused', async () => {
    await purge(a);
    expect(await purge(b)).toEqual({ refused: 'no_such_room' });
  });
});
