import type { Caller } from '../../../src/core/caller.ts';
import type { CoreLimits } from '../../../src/core/core-parts.ts';
import type { RoomId } from '../../../src/protocol/ids.ts';
import type { ReplyBody } from '../../../src/protocol/requests.ts';
import type { KeyedPerson } from './keyed-person.ts';
import { accepted } from './prepared-send.ts';
import { roomNamed, type ServiceNode, ServiceWorld } from './service-world.ts';

/** What most tests of use cases begin with; the test that runs closes it at its end. */

export interface TwoNodes {
  readonly world: ServiceWorld;
  readonly a: ServiceNode;
  readonly b: ServiceNode;
}

/** Two nodes; these people are registered. */
export async function twoNodes(
  registered: readonly KeyedPerson[] = [],
  limits: Partial<CoreLimits> = {},
): Promise<TwoNodes> {
  const world = await ServiceWorld.open(limits);
  const [a, b] = [await world.node(), await world.node()];
  for (const person of registered) await person.register(a.core);
  return { world, a, b };
}

export interface RoomOnTwoNodes extends TwoNodes {
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
  const nodes = await twoNodes();
  const { world, a, b } = nodes;
  const name = roomNamed(roomName);
  const [ann, bob, eve] = [await world.caller('ann'), await world.caller('bob'), await world.caller('eve')];
  const { room } = await makeRoom(a, ann, roomName, 30);
  for (const who of joined) accepted(await b.requests.join({ bob, eve }[who], { name }));
  return { ...nodes, ann, bob, eve, room };
}

export interface RoomOnOneNode {
  readonly world: ServiceWorld;
  readonly node: ServiceNode;
  /** Made the room, and is alone in it. */
  readonly ann: Caller;
  readonly room: RoomId;
}

export async function roomOnOneNode(
  roomName: string,
  retention: number,
  options?: Parameters<typeof ServiceWorld.open>[1],
): Promise<RoomOnOneNode> {
  const world = await ServiceWorld.open({}, options);
  const node = await world.node();
  const ann = await world.caller('ann');
  const { room } = await makeRoom(node, ann, roomName, retention);
  return { world, node, ann, room };
}

/** An open room that everybody sees. */
export async function makeRoom(
  { requests }: ServiceNode,
  owner: Caller,
  name: string,
  retention = 1,
): Promise<ReplyBody<'create'>['info']> {
  const body = { name: roomNamed(name), hidden: false, retention };
  return accepted(await requests.create(owner, body)).info;
}
