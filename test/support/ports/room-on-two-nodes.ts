import type { Caller } from '../../../src/core/caller.ts';
import type { RoomId } from '../../../src/protocol/ids.ts';
import { accepted } from './prepared-send.ts';
import { roomNamed, type ServiceNode, ServiceWorld } from './service-world.ts';

export interface RoomOnTwoNodes {
  readonly world: ServiceWorld;
  readonly a: ServiceNode;
  readonly b: ServiceNode;
  /** Made the room on node a. */
  readonly ann: Caller;
  readonly bob: Caller;
  readonly eve: Caller;
  readonly room: RoomId;
}

/** Ann's room, which keeps messages for 30 days; these people joined it on node b. */
export async function roomOnTwoNodes(
  roomName: string,
  joined: readonly ('bob' | 'eve')[] = [],
): Promise<RoomOnTwoNodes> {
  const world = new ServiceWorld();
  const [a, b] = [await world.node(), await world.node()];
  const name = roomNamed(roomName);
  const [ann, bob, eve] = [await world.caller('ann'), await world.caller('bob'), await world.caller('eve')];
  const created = await a.requests.create(ann, { name, hidden: false, retention: 30 });
  for (const who of joined) accepted(await b.requests.join({ bob, eve }[who], { name }));
  return { world, a, b, ann, bob, eve, room: accepted(created).info.room };
}
