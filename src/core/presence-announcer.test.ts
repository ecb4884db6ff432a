import { beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import {
  anyRoom,
  type Heard,
  listen,
  type ServiceNode,
  ServiceWorld,
} from '../../test/support/ports/service-world.ts';
import type { PresenceChange } from '../ports/presence.ts';
import { decodeServerFrame } from '../protocol/client-codec.ts';
import type { Caller } from './caller.ts';
import { PRESENCE_GATHER_MS } from './room-presence.ts';

describe('the presence feed', () => {
  const room = anyRoom();
  let world: ServiceWorld;
  let node: ServiceNode;
  let ann: Caller;
  let bob: Caller;
  let heard: Heard;
  beforeEach(async () => {
    world = await ServiceWorld.open();
    node = await world.node();
    ann = await world.caller('ann');
    bob = await world.caller('bob');
    heard = await listen(node, room);
  });

  const came = ({ user }: Caller, version: number, online: number): PresenceChange => ({
    room,
    user,
    change: 'online',
    version,
    online,
  });
  const told = (): unknown[] =>
    heard.notices.flatMap((notice) => {
      const frame =
        notice.about === 'presence' ? decodeServerFrame(notice.event, () => undefined) : undefined;
      return frame?.kind === 'event' ? [frame.event.body] : [];
    });

  it('tells what a moment brought as one notice, the newest of each user', async () => {
    const before = Date.now();
    node.core.presenceAnnouncer.note([came(ann, 1, 1), came(bob, 2, 2)]);
    node.core.presenceAnnouncer.note([{ ...came(bob, 3, 1), change: 'offline' }, came(ann, 1, 1)]);
    node.core.presenceAnnouncer.note([{ ...came(ann, 9, 9), change: undefined }]);
    await eventually(() => expect(told()).toHaveLength(1));
    expect(Date.now() - before).toBeGreaterThanOrEqual(PRESENCE_GATHER_MS - 5);
    const users = [
      { user: ann.user, online: true, version: 1 },
      { user: bob.user, online: false, version: 3 },
    ];
    expect(told()).toEqual([{ room, presence: { online: 1, version: 3, users } }]);
  });

  it('tells only the count above 200', async () => {
    node.core.presenceAnnouncer.note([came(ann, 1, 201)]);
    await eventually(() => expect(told()).toEqual([{ room, presence: { online: 201, version: 1 } }]));
  });

  it('tells nothing after it was closed', async () => {
    node.core.presenceAnnouncer.note([came(ann, 1, 1)]);
    await node.core.close();
    node.core.presenceAnnouncer.note([came(bob, 2, 2)]);
    expect(node.broker.count('publish')).toBe(0);
  });
});
