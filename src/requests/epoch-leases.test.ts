import { describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { EpochMaker } from '../../test/support/ports/epoch-maker.ts';
import { epochRooms } from '../../test/support/ports/epoch-room.ts';
import { KeyedPerson } from '../../test/support/ports/keyed-person.ts';
import { accepted } from '../../test/support/ports/prepared-send.ts';
import type { ServiceNode } from '../../test/support/ports/service-world.ts';

const { scene } = await epochRooms();

/** How long this session is told to wait for another one's epoch; undefined: it makes the epoch itself. */
async function waitOf(node: ServiceNode, { caller }: EpochMaker, after = 0): Promise<number | undefined> {
  const { room } = scene();
  return accepted(await node.requests.epochs(caller, { room, after, limit: 10, make: true })).waitMs;
}

const giveUp = (node: ServiceNode, { caller }: EpochMaker) =>
  node.requests.epochs(caller, { room: scene().room, after: 0, limit: 1, make: false });

describe('the next epoch of a room', () => {
  it('is free for others once whoever makes it gives up, and not because somebody else does', async () => {
    const { a, b, ann, bob } = scene();
    expect(await waitOf(a, ann)).toBeUndefined();
    accepted(await giveUp(b, bob));
    expect(await waitOf(b, bob)).toBeGreaterThan(0);
    accepted(await giveUp(a, ann));
    expect(await waitOf(b, bob)).toBeUndefined();
    expect(await waitOf(a, ann)).toBeGreaterThan(0);
  });

  it('is free once the session of whoever makes it has ended', async () => {
    const { a, b, ann, bob } = scene();
    expect(await waitOf(a, ann)).toBeUndefined();
    expect(b.core.epochLeases.holders.get(ann.caller.session)).toBeUndefined();
    expect(await waitOf(b, bob)).toBeGreaterThan(0);
    a.core.epochLeases.holders.get(ann.caller.session)?.end();
    await eventually(async () => expect(await waitOf(b, bob)).toBeUndefined());
  });

  it('is free once whoever makes it was removed and gives up', async () => {
    const s = scene();
    const { world, a, b, ann, bob, room } = s;
    const eve = new EpochMaker(await KeyedPerson.make('eve'), await world.caller('eve'));
    await s.join(eve.caller);
    expect(await waitOf(b, eve)).toBeUndefined();
    accepted(await a.requests.kick(ann.caller, { room, user: eve.caller.user }));
    expect(await waitOf(b, bob)).toBeGreaterThan(0);
    expect(await giveUp(b, eve)).toMatchObject({ refused: 'not_a_member' });
    expect(await waitOf(b, bob)).toBeUndefined();
  });
});
