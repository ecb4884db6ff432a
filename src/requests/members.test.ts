import { beforeEach, describe, expect, it } from 'vitest';
import { Roster } from '../../client/sdk/rooms/roster.ts';
import { eventually } from '../../test/support/eventually.ts';
import { accepted, PreparedSends } from '../../test/support/ports/prepared-send.ts';
import type { ServiceNode, ServiceWorld } from '../../test/support/ports/service-world.ts';
import { roomOnOneNode } from '../../test/support/ports/set-ups.ts';
import type { Caller } from '../core/caller.ts';
import { CHANGES_BATCH, CHANGES_READ_MAX } from '../core/change-reading.ts';
import { encodeCursor } from '../core/cursor.ts';
import { applyChange, memberOf, type RosterChange, type RosterMember } from '../domain/roster.ts';
import type { FormerRole, MemberEntry } from '../protocol/entities.ts';
import type { RoomId } from '../protocol/ids.ts';

type Step = (version: number, now: RosterMember | undefined) => Omit<RosterChange, 'version' | 'at'>;

const present = <T>(value: T | undefined): T => value ?? expect.unreachable();

describe('what changed in a roster since a version', () => {
  let world: ServiceWorld;
  let maker: ServiceNode;
  let ann: Caller;
  let room: RoomId;
  beforeEach(async () => {
    ({ world, node: maker, ann, room } = await roomOnOneNode('harbour', 1));
  });

  async function change(who: Caller, step: Step, raisesFloor = false): Promise<void> {
    const record = await world.record(room);
    const version = record.version + 1;
    const made = step(version, memberOf(record, who.user));
    await world.stores.rooms.update(room, { change: { ...made, version, at: 1 }, raisesFloor });
  }
  const join = (who: Caller) =>
    change(who, (since) => ({
      kind: 'joined',
      after: { user: who.user, role: 'member', identity: 0, joined: 0, since },
    }));
  const leave = (who: Caller) =>
    change(who, (_version, before) => ({ kind: 'left', before: present(before) }), true);
  const turn = (who: Caller, role: RosterMember['role']) =>
    change(who, (_version, before) => ({
      kind: 'role',
      before: present(before),
      after: { ...present(before), role },
    }));

  /** A node that has read the record, and told others again what they may have missed. */
  async function warmNode(): Promise<ServiceNode> {
    const node = await world.node();
    await node.requests.members(ann, { room });
    await eventually(() => expect(node.rooms.count('changes')).toBe(1));
    return node;
  }

  /** All pages, as any client reads them, and how many rows each of them read. */
  async function read(node: ServiceNode, since: number) {
    const entries: MemberEntry[] = [];
    const roles: FormerRole[] = [];
    const rows: number[] = [];
    let version = 0;
    for (let cursor: Uint8Array | undefined; ; ) {
      const before = node.rooms.count('changes');
      const body = { room, since, ...(cursor === undefined ? {} : { cursor }) };
      const page = accepted(await node.requests.members(ann, body));
      rows.push(CHANGES_BATCH * (node.rooms.count('changes') - before));
      entries.push(...page.members);
      roles.push(...(page.roles ?? []));
      version = page.version;
      cursor = page.cursor;
      if (cursor === undefined) return { entries, roles, rows, version };
    }
  }

  it('comes in pages that give a client the roster of every version, with the roles of that time', async () => {
    const people = await Promise.all(
      Array.from({ length: 5 }, (_, index) => world.caller(`visitor${index}`)),
    );
    for (let round = 0; round < 260; round += 1) {
      const person = present(people[round % people.length]);
      await join(person);
      if (round % 3 === 0) await turn(person, 'moderator');
      if (round % 6 === 0) await turn(person, 'member');
      await leave(person);
    }
    await join(present(people[0]));
    const node = await warmNode();
    const { entries, roles, rows, version } = await read(node, 1);
    expect(rows.length).toBeGreaterThan(1);
    const record = await world.record(room);
    expect(version).toBe(record.version);
    const first = record.members.filter(({ user }) => user === ann.user);
    const roster = new Roster<object>();
    roster.replace(1, first);
    roster.extend(1, version, entries, roles);
    const changes = present(await world.stores.rooms.changes(room, 1, 10_000));
    let members: readonly RosterMember[] = first;
    for (const each of changes) {
      members = applyChange(members, each);
      const known = present(roster.membersAt(each.version));
      expect(known.map(({ user }) => [user, roster.roleAt(user, each.version)])).toEqual(
        members.map(({ user, role }) => [user, role]),
      );
    }
    expect(roster.current().map(({ user, role }) => [user, role])).toEqual(
      record.members.map(({ user, role }) => [user, role]),
    );
  });

  it('never reads more rows for one request than are allowed, whatever the range', async () => {
    const bob = await world.caller('bob');
    await join(bob);
    for (let round = 0; round < 1_250; round += 1) await turn(bob, round % 2 === 0 ? 'moderator' : 'member');
    const node = await warmNode();
    const { entries, rows } = await read(node, 1);
    expect(rows).toEqual([CHANGES_READ_MAX, expect.any(Number)]);
    expect(entries.map(({ role }) => role)).toEqual(['moderator', 'member']);
  });

  it('lets other work run between the batches of one request', async () => {
    const bob = await world.caller('bob');
    await join(bob);
    for (let round = 0; round < 900; round += 1) await turn(bob, round % 2 === 0 ? 'moderator' : 'member');
    const node = await warmNode();
    let turns = 0;
    let isDone = false;
    const reading = node.requests.members(ann, { room, since: 1 }).finally(() => {
      isDone = true;
    });
    while (!isDone) {
      await new Promise((resolve) => setImmediate(resolve));
      turns += 1;
    }
    await reading;
    expect(turns).toBeGreaterThan(4);
  });

  it('begins again with a cursor of a gateway that counted stretches, and refuses one that nobody made', async () => {
    const before = encodeCursor([1, `${ann.user}:00000000000001`]);
    const asked = { room, since: 1 };
    expect(await maker.requests.members(ann, { ...asked, cursor: before })).toMatchObject({
      refused: 'conflict',
    });
    for (const cursor of [encodeCursor([1, -5]), encodeCursor([-1, 2]), encodeCursor([1, 2.5])]) {
      expect(await maker.requests.members(ann, { ...asked, cursor })).toMatchObject({
        refused: 'bad_request',
      });
    }
  });

  it('takes a message for a version that many changes followed, up to as many as a request reads', async () => {
    const bob = await world.caller('bob');
    await join(bob);
    const sends = new PreparedSends(ann);
    const view = await world.record(room);
    for (let round = 0; round < CHANGES_READ_MAX; round += 1)
      await turn(bob, round % 2 === 0 ? 'moderator' : 'member');
    const node = await world.node();
    accepted(await node.requests.send(ann, sends.prepare(view)));
    await turn(bob, 'moderator');
    const later = await world.node();
    expect(await later.requests.send(ann, sends.prepare(view))).toMatchObject({
      refused: 'stale_roster',
    });
  });

  it('is not what a page of a whole roster holds, which all members share and nobody else gets', async () => {
    const [bob, eve] = [await world.caller('bob'), await world.caller('eve')];
    await join(bob);
    const node = await warmNode();
    const page = accepted(await node.requests.members(ann, { room }));
    expect(await node.requests.members(bob, { room })).toBe(page);
    expect(await node.requests.members(eve, { room })).toMatchObject({ refused: 'not_a_member' });
    await leave(bob);
    await node.requests.mine(ann, {});
    const fresh = await world.node();
    expect(await fresh.requests.members(bob, { room })).toMatchObject({ refused: 'not_a_member' });
    expect(accepted(await fresh.requests.members(ann, { room })).members).toHaveLength(1);
  });
});
