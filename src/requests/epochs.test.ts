import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { EpochMaker } from '../../test/support/ports/epoch-maker.ts';
import { epochRooms } from '../../test/support/ports/epoch-room.ts';
import { KeyedPerson } from '../../test/support/ports/keyed-person.ts';
import { accepted } from '../../test/support/ports/prepared-send.ts';
import { listen, roomNamed, type ServiceNode } from '../../test/support/ports/service-world.ts';
import { DAY_MS } from '../domain/roster.ts';
import { isRefusal } from '../protocol/error-reply.ts';
import { EPOCH_AGE_MS, EPOCH_GAP_MAX, EPOCH_LEASE_MS } from '../protocol/limits.ts';

const { scene } = await epochRooms();
const code = (outcome: object): string => (isRefusal(outcome) ? outcome.refused : 'ok');

describe('an epoch', () => {
  it('is stored with a wrap for each member, and told to every node by its number and hash alone', async () => {
    const s = scene();
    const { world, b, bob, room } = s;
    const heard = await listen(b, room);
    const epoch = await s.make();
    const [ofBob] = await s.all(b, bob);
    expect(ofBob?.record).toEqual(epoch.record);
    const index = (await s.record()).members.findIndex(({ user }) => user === bob.caller.user);
    expect(ofBob?.wrap).toEqual(new Uint8Array(epoch.wraps.subarray(index * 256, (index + 1) * 256)));
    const { recordHash } = epoch;
    await eventually(() =>
      expect(heard.notices).toContainEqual({ about: 'epoch', room, number: 1, recordHash }),
    );
    expect(world.clocks.read(room)?.epoch).toBe(1);
  });

  it('is answered alike when its record comes again, from any node and without wraps', async () => {
    const s = scene();
    const { a, b, ann, room } = s;
    const epoch = await ann.prepare(await s.record());
    const first = accepted(await ann.commit(a, epoch));
    const heard = await listen(a, room);
    const again = accepted(await b.requests.epoch(ann.caller, { room, record: epoch.record }));
    expect(again).toEqual(first);
    await eventually(() => expect(heard.notices).toMatchObject([{ about: 'epoch', number: 1 }]));
  });

  it('takes parts in any order, and a part again in the place of the one before', async () => {
    const s = scene();
    const { a, ann, room } = s;
    const epoch = await ann.prepare(await s.record());
    const { bodyHash, wraps } = epoch;
    const put = (part: number, bytes: Uint8Array) =>
      a.requests.wraps(ann.caller, { room, bodyHash, part, bytes });
    accepted(await put(1, wraps.subarray(300)));
    expect(code(await a.requests.epoch(ann.caller, { room, record: epoch.record }))).toBe('wraps_missing');
    accepted(await put(0, wraps.subarray(0, 299)));
    expect(code(await a.requests.epoch(ann.caller, { room, record: epoch.record }))).toBe('wraps_missing');
    accepted(await put(0, wraps.subarray(0, 300)));
    accepted(await a.requests.epoch(ann.caller, { room, record: epoch.record }));
  });

  it('lacks the wraps that came to another node, and takes those of another session of its maker', async () => {
    const s = scene();
    const { world, a, b, ann, room } = s;
    const epoch = await ann.prepare(await s.record());
    const part = { room, bodyHash: epoch.bodyHash, part: 0, bytes: epoch.wraps };
    accepted(await b.requests.wraps(ann.caller, part));
    expect(code(await a.requests.epoch(ann.caller, { room, record: epoch.record }))).toBe('wraps_missing');
    accepted(await a.requests.wraps(world.session(ann.caller), part));
    accepted(await a.requests.epoch(ann.caller, { room, record: epoch.record }));
  });

  it('is refused when its tree, its signature or its committer is not what it says', async () => {
    const s = scene();
    const { a, ann, bob } = s;
    const room2 = await s.record();
    const epoch = await ann.prepare(room2);
    const other = { ...epoch, wraps: new Uint8Array(randomBytes(epoch.wraps.length)) };
    expect(code(await ann.commit(a, other))).toBe('bad_request');
    const forged = Uint8Array.from(epoch.record);
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
    expect(code(await ann.commit(a, { ...epoch, record: forged }))).toBe('bad_request');
    const ofBob = await bob.prepare(room2);
    expect(code(await ann.commit(a, ofBob))).toBe('bad_request');
    const { committerFingerprint } = ofBob.body;
    expect(code(await ann.commit(a, await ann.prepare(room2, undefined, { committerFingerprint })))).toBe(
      'bad_request',
    );
    const later = await ann.prepare(room2, undefined, { rosterVersion: room2.version + 1 });
    expect(code(await ann.commit(a, later))).toBe('stale_roster');
    expect(await s.all(a, ann)).toEqual([]);
    accepted(await ann.commit(a, epoch));
  });

  it('is refused below the floor, with the version of now', async () => {
    const s = scene();
    const { a, ann, bob, room } = s;
    const before = await s.record();
    accepted(await a.requests.kick(ann.caller, { room, user: bob.caller.user }));
    const { version } = await s.record();
    expect(await ann.commit(a, await ann.prepare(before))).toMatchObject({
      refused: 'stale_roster',
      version,
    });
  });

  it('has one winner, which every loser is given with its own wrap', async () => {
    const s = scene();
    const { a, b, ann, bob } = s;
    const state = await s.record();
    const [mine, yours] = [await ann.prepare(state), await bob.prepare(state)];
    const outcomes = await Promise.all([ann.commit(a, mine), bob.commit(b, yours)]);
    expect(outcomes.map(code).sort()).toEqual(['conflict', 'ok']);
    const lost = outcomes.find(isRefusal);
    const [winner] = await s.all(a, ann);
    expect(lost?.epoch?.record).toEqual(winner?.record);
    expect(lost?.epoch?.number).toBe(1);
  });

  it('is refused when the newest does as well, and taken for new members, a new password, age, or as a repair', async () => {
    const s = scene();
    const { world, a, ann, room } = s;
    const first = await s.make();
    expect(code(await ann.commit(a, await ann.prepare(await s.record(), first)))).toBe('conflict');
    const repair = await s.make(first, { reason: 'repair' });
    expect(code(await ann.commit(a, await ann.prepare(await s.record(), repair, { reason: 'repair' })))).toBe(
      'rate_limited',
    );
    await s.join(await s.world.caller('eve'));
    const grown = await s.make(repair);
    const password = { salt: new Uint8Array(32), proof: new Uint8Array(32) };
    accepted(await a.requests.update(ann.caller, { room, password }));
    const locked = await s.make(grown, { reason: 'password' });
    world.clock.aheadMs = EPOCH_AGE_MS;
    await s.make(locked, { reason: 'age' });
  });

  it('follows the newest, or leaves out numbers that a restored server has forgotten', async () => {
    const s = scene();
    const { a, b, ann, bob } = s;
    const first = await s.make();
    const state = await s.record();
    const repair = { reason: 'repair' } as const;
    const beside = await ann.prepare(state, first, { ...repair, previousHash: new Uint8Array(32) });
    expect(await ann.commit(a, beside)).toMatchObject({ refused: 'conflict', epoch: { number: 1 } });
    const far = await ann.prepare(state, first, { ...repair, number: EPOCH_GAP_MAX + 3 });
    expect(code(await ann.commit(a, far))).toBe('bad_request');
    const ahead = await ann.prepare(state, first, { ...repair, number: 8, previousHash: new Uint8Array(32) });
    accepted(await ann.commit(a, ahead));
    expect((await s.all(b, bob)).map(({ number }) => number)).toEqual([1, 8]);
    const between = await bob.prepare(state, first, { ...repair, number: 5 });
    expect(await bob.commit(b, between)).toMatchObject({ refused: 'conflict', epoch: { number: 8 } });
  });

  it('belongs to rooms of suite 2 and their members', async () => {
    const s = scene();
    const { world, a, ann, room } = s;
    const eve = await world.caller('eve');
    expect(code(await a.requests.epochs(eve, { room, after: 0, limit: 1 }))).toBe('not_a_member');
    const plain = accepted(
      await a.requests.create(ann.caller, { name: roomNamed('plain'), hidden: false, retention: 1 }),
    ).info;
    const ask = { room: plain.room, after: 0, limit: 1 };
    expect(code(await a.requests.epochs(ann.caller, ask))).toBe('unsupported_version');
  });
});

describe('epochs of a room', () => {
  it('are read from the version on at which the asker joined, new keys or not', async () => {
    const s = scene();
    const { world, a, b, room } = s;
    const first = await s.make();
    const eve = new EpochMaker(await KeyedPerson.make('eve'), await world.caller('eve'));
    await s.join(eve.caller);
    expect(await s.all(b, eve)).toEqual([]);
    const second = await s.make(first);
    expect((await s.all(b, eve)).map(({ number }) => number)).toEqual([2]);
    const before = await s.record();
    const member = before.members.find(({ user }) => user === eve.caller.user);
    if (member === undefined) expect.unreachable('eve joined');
    const version = before.version + 1;
    const after = { ...member, identity: 1, since: version };
    await world.stores.rooms.update(room, {
      change: { version, kind: 'identity', before: member, after, at: 1 },
      raisesFloor: true,
    });
    await a.core.views.load(room);
    expect((await s.all(a, eve)).map(({ number }) => number)).toEqual([2]);
    expect(second.body.rosterVersion).toBeLessThan(version);
  });

  it('are left to one maker at a time, until the lease is over or another number is wanted', async () => {
    const s = scene();
    const { world, a, b, ann, bob, room } = s;
    const ask = (node: ServiceNode, maker: EpochMaker, after = 0) =>
      node.requests.epochs(maker.caller, { room, after, limit: 10, make: true });
    expect(accepted(await ask(a, ann))).not.toHaveProperty('waitMs');
    expect(accepted(await ask(a, ann))).not.toHaveProperty('waitMs');
    const { waitMs } = accepted(await ask(b, bob));
    expect(waitMs).toBeGreaterThan(0);
    expect(waitMs).toBeLessThanOrEqual(EPOCH_LEASE_MS);
    await s.make();
    expect(accepted(await ask(b, bob))).not.toHaveProperty('waitMs');
    world.clocks.lose();
    expect(accepted(await ask(a, ann))).not.toHaveProperty('waitMs');
  });

  it('whose maker died before anybody heard of it are told by whoever reads them', async () => {
    const s = scene();
    const { world, a, b, ann, bob, room } = s;
    const held = a.sequencer.hold('raise');
    const epoch = await ann.prepare(await s.record());
    const dying = ann.commit(a, epoch);
    await held.arrived;
    expect(world.clocks.read(room)?.epoch).toBe(0);
    const heard = await listen(b, room);
    expect(await s.all(b, bob)).toHaveLength(1);
    expect(world.clocks.read(room)?.epoch).toBe(1);
    await eventually(() => expect(heard.notices).toMatchObject([{ about: 'epoch', number: 1 }]));
    held.release();
    accepted(await dying);
  });

  it('are counted again by the clock that is rebuilt', async () => {
    const s = scene();
    const { world, a, b, room } = s;
    await s.make(await s.make(), { reason: 'repair' });
    world.clocks.lose();
    for (const { core } of [a, b]) {
      await core.views.recover([room]);
      expect((await core.views.current(room))?.epoch).toBe(2);
    }
    expect(world.clocks.read(room)?.epoch).toBe(2);
  });

  it('are counted by a clock that another node rebuilds from an older reading while one is stored', async () => {
    const s = scene();
    const { world, a, b, ann, bob, room } = s;
    const first = await s.make();
    const second = await s.make(first, { reason: 'repair' });
    await s.join(await world.caller('guest'));
    const third = await ann.prepare(await s.record(), second);
    world.clocks.lose();
    const rebuild = b.sequencer.hold('rebuild');
    const rebuilding = b.core.views.load(room);
    await rebuild.arrived;
    const raise = a.sequencer.hold('raise');
    const storing = ann.commit(a, third);
    await raise.arrived;
    world.clocks.lose();
    raise.release();
    accepted(await storing);
    rebuild.release();
    await rebuilding;
    expect(world.clocks.read(room)?.epoch).toBe(3);
    // It has heard of nothing but the clock.
    const fresh = await world.node();
    expect(code(await s.send(fresh, bob, first))).toBe('unknown_epoch');
  });

  it('before the two newest end with the last copy that may be under them', async () => {
    const s = scene();
    const { world, b, bob } = s;
    let epoch = await s.make();
    for (let count = 0; count < 3; count += 1) {
      await s.join(await world.caller(`guest${count}`));
      epoch = await s.make(epoch);
    }
    const numbers = async () => (await s.all(b, bob)).map(({ number }) => number);
    expect(await numbers()).toEqual([1, 2, 3, 4]);
    world.clock.aheadMs += 30 * DAY_MS;
    expect(await numbers()).toEqual([1, 2, 3, 4]);
    world.clock.aheadMs += DAY_MS;
    await eventually(async () => expect(await numbers()).toEqual([3, 4]));
  });

  it('end by the hours of their room, also those that had another end before', async () => {
    const s = scene();
    const { world, a, b, ann, bob, room } = s;
    let epoch = await s.make();
    const next = async (guest: string) => {
      await s.join(await world.caller(guest));
      epoch = await s.make(epoch);
    };
    for (const guest of ['guest0', 'guest1']) await next(guest);
    accepted(await a.requests.update(ann.caller, { room, retention: 1, retentionHours: 12 }));
    await eventually(async () => expect(await world.stores.rooms.jobs(undefined, 9)).toEqual([]));
    epoch = await s.make(epoch);
    const numbers = async () => (await s.all(b, bob)).map(({ number }) => number);
    world.clock.aheadMs += 1.4 * DAY_MS;
    expect(await numbers()).toEqual([1, 2, 3, 4]);
    world.clock.aheadMs += 0.2 * DAY_MS;
    await eventually(async () => expect(await numbers()).toEqual([3, 4]));
  });

  it('go with their room', async () => {
    const s = scene();
    const { world, a, ann, room } = s;
    await s.make();
    accepted(await a.requests.delete(ann.caller, { room }));
    await eventually(async () => expect(await world.stores.epochs.newest(room)).toBeUndefined());
  });
});
