import { describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { type EpochMaker, under, withoutWraps } from '../../test/support/ports/epoch-maker.ts';
import { epochRooms } from '../../test/support/ports/epoch-room.ts';
import { accepted, PreparedSends } from '../../test/support/ports/prepared-send.ts';
import { listen } from '../../test/support/ports/service-world.ts';
import { isRefusal } from '../protocol/error-reply.ts';

const { scene } = await epochRooms();
const code = (outcome: object): string => (isRefusal(outcome) ? outcome.refused : 'ok');

describe('messages under an epoch', () => {
  it('are one frame for everybody, stored once, and read by its members alone', async () => {
    const s = scene();
    const { world, a, b, ann, bob, room } = s;
    const heard = await listen(b, room);
    const epoch = await s.make();
    const eve = await world.caller('eve');
    const { seq } = accepted(await s.send(b, bob, epoch));
    await s.join(eve);
    const late = accepted(await s.send(a, ann, epoch));
    await eventually(() => expect(heard.shared).toHaveLength(2));
    expect(heard.shared[0]).toMatchObject({ seq, epochVersion: epoch.body.rosterVersion });
    expect(heard.shared[0]?.frame.length).toBeLessThan(1_024);
    const read = async (caller: EpochMaker['caller']) =>
      accepted(await a.requests.history(caller, { room, after: 0, limit: 10 })).messages;
    expect((await read(bob.caller)).map((message) => message.seq)).toEqual([seq, late.seq]);
    expect((await read(bob.caller)).every(({ wrap }) => wrap.length === 0)).toBe(true);
    expect(await read(eve)).toEqual([]);
    const [stored] = await world.stored(room);
    expect(stored?.wraps.length).toBe(0);
    expect(stored?.epochVersion).toBe(epoch.body.rosterVersion);
  });

  it('are refused under one that is not stored, or whose number another record has', async () => {
    const s = scene();
    const { a, ann } = s;
    const first = await s.make();
    const unknown = await ann.prepare(await s.record(), first);
    expect(code(await s.send(a, ann, unknown))).toBe('unknown_epoch');
    expect(code(await s.send(a, ann, { ...first, recordHash: new Uint8Array(32) }))).toBe('unknown_epoch');
    accepted(await s.send(a, ann, first));
  });

  it('are refused under one that two have followed, though a clock that went back knows of neither', async () => {
    const s = scene();
    const { world, a, ann, room } = s;
    const first = await s.make();
    const failOver = world.clocks.replica(room);
    await s.join(await world.caller('guest'));
    const second = await s.make(first);
    await s.join(await world.caller('another'));
    await s.make(second);
    // A node that begins now has seen none of them, and one that lost Redis for a moment believes no clock.
    for (const node of [a, await world.node()]) {
      failOver();
      expect(world.clocks.read(room)?.epoch).toBe(1);
      if (node === a) await node.core.views.recover([room]);
      expect(code(await s.send(node, ann, first))).toBe('unknown_epoch');
      expect(world.clocks.read(room)?.epoch).toBe(3);
    }
    accepted(await s.send(a, ann, second));
  });

  it('are refused under one that two have followed, by the store and not by the clock alone', async () => {
    const s = scene();
    const { world, a, ann, room } = s;
    const first = await s.make();
    const second = await s.make(first, { reason: 'repair' });
    accepted(await s.send(a, ann, first));
    await world.clocks.raise(room, { epoch: 9 });
    await a.core.views.current(room);
    accepted(await s.send(a, ann, second));
    accepted(await s.send(a, ann, first));
    await s.join(await s.world.caller('eve'));
    await s.make(second);
    expect(code(await s.send(a, ann, first))).toBe('unknown_epoch');
    accepted(await s.send(a, ann, second));
  });

  it('are refused below the floor, with wraps, or with a header that differs from the record', async () => {
    const s = scene();
    const { a, b, ann, bob, room } = s;
    const epoch = await s.make();
    const body = new PreparedSends(ann.caller).prepare(await s.record(), under(epoch));
    expect(code(await a.requests.send(ann.caller, body))).toBe('bad_request');
    const other = { ...under(epoch), recipients: new Uint8Array(32) };
    const differing = new PreparedSends(ann.caller).prepare(await s.record(), other);
    expect(code(await a.requests.send(ann.caller, withoutWraps(differing, epoch)))).toBe('bad_request');
    const plain = new PreparedSends(ann.caller).prepare(await s.record());
    expect(code(await a.requests.send(ann.caller, plain))).toBe('unsupported_version');
    accepted(await a.requests.kick(ann.caller, { room, user: bob.caller.user }));
    expect(code(await s.send(a, ann, epoch))).toBe('stale_roster');
    expect(code(await s.send(b, bob, epoch))).toBe('not_a_member');
  });

  it('that were stored are published again as they were', async () => {
    const s = scene();
    const { world, a, b, ann, room } = s;
    const epoch = await s.make();
    const body = withoutWraps(new PreparedSends(ann.caller).prepare(await s.record(), under(epoch)), epoch);
    const first = accepted(await a.requests.send(ann.caller, body));
    const heard = await listen(b, room);
    expect(accepted(await b.requests.send(world.session(ann.caller), body))).toEqual(first);
    await eventually(() => expect(heard.shared).toMatchObject([{ seq: first.seq }]));
  });
});
