import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { callerOf, greeting, KeyedPerson, testAddress } from '../../test/support/ports/keyed-person.ts';
import { accepted } from '../../test/support/ports/prepared-send.ts';
import {
  listen,
  roomNamed,
  type ServiceNode,
  type ServiceWorld,
} from '../../test/support/ports/service-world.ts';
import { makeRoom, twoNodes } from '../../test/support/ports/set-ups.ts';
import { LEFT_ALONE_MS } from '../core/account-reconciler.ts';
import type { Caller, Opened } from '../core/caller.ts';
import type { RoomId } from '../protocol/ids.ts';
import { foldName } from '../protocol/names.ts';
import { closeAccount, rotate } from './account-changes.ts';
import { beginLogin, resumeSession } from './logins.ts';
import { register } from './registration.ts';

describe('closing an account', () => {
  let world: ServiceWorld;
  let a: ServiceNode;
  let b: ServiceNode;
  let ann: KeyedPerson;
  let opened: Opened;
  let caller: Caller;
  beforeAll(async () => {
    ann = await KeyedPerson.make('Ann');
  });
  beforeEach(async () => {
    ({ world, a, b } = await twoNodes([ann]));
    opened = await ann.login(a.core);
    caller = callerOf(opened, 's');
  });

  async function close(node: ServiceNode = a) {
    const at = greeting();
    return closeAccount(node.core, at, caller, { signature: await ann.closing(at) });
  }

  async function room(name: string, ...members: readonly Caller[]): Promise<RoomId> {
    const info = await makeRoom(a, caller, name);
    for (const member of members) accepted(await b.requests.join(member, { name: info.name }));
    return info.room;
  }

  async function rolesIn(id: RoomId): Promise<Readonly<Record<string, string>> | undefined> {
    const record = await world.stores.rooms.byId(id);
    return record && Object.fromEntries(record.members.map(({ user, role }) => [user, role]));
  }

  const isSettled = () =>
    eventually(async () => {
      const account = await world.stores.identities.byName(foldName(ann.name));
      expect(account).toMatchObject({ closed: true });
      expect(account).not.toHaveProperty('behindSince');
    });

  it('needs a fresh signature of the account itself', async () => {
    const at = greeting();
    const bob = await KeyedPerson.make('Bob');
    const wrong = [await ann.closing(greeting()), await bob.closing(at), await ann.logout(at, true)];
    for (const signature of wrong)
      expect(await closeAccount(a.core, at, caller, { signature })).toEqual({
        refused: 'auth_failed',
      });
    expect(await world.stores.identities.byName(foldName(ann.name))).toMatchObject({ closed: false });
  });

  it('ends sessions and tokens on every node, and never gives the name out again', async () => {
    const control = await listen(b, 'control');
    accepted(await close());
    const at = greeting();
    const resumed = await resumeSession(b.core, at, await ann.resumption(at, opened.reply.token));
    expect(resumed).toMatchObject({ refused: 'auth_failed' });
    const pending = accepted(await beginLogin(b.core, at, testAddress, { username: 'Ann' }));
    expect(await ann.answer(at, pending)).toBeUndefined();
    const other = await KeyedPerson.make('ann');
    const body = await other.registration(at);
    expect(await register(b.core, at, testAddress, body)).toEqual({ refused: 'name_taken' });
    await eventually(() =>
      expect(control.notices).toContainEqual(
        expect.objectContaining({ about: 'revoked', user: caller.user, why: 'account_closed' }),
      ),
    );
  });

  it('keeps the documents for those who have copies to read', async () => {
    const bob = await world.caller('Bob');
    accepted(await close());
    const { chain } = accepted(await b.requests.identity(bob, { user: caller.user }));
    expect(chain).toEqual([ann.identity]);
  });

  it('ends every membership like a leave, and an own room passes to the member who joined first', async () => {
    const [bob, cleo] = [await world.caller('Bob'), await world.caller('Cleo')];
    const owned = await room('Owned', bob, cleo);
    const { name, room: guest } = await makeRoom(b, bob, 'Guest');
    accepted(await a.requests.join(caller, { name }));
    const heard = await listen(b, owned);
    accepted(await close());
    await isSettled();
    expect(await rolesIn(owned)).toEqual({ [bob.user]: 'owner', [cleo.user]: 'member' });
    expect(await rolesIn(guest)).toEqual({ [bob.user]: 'owner' });
    const changes = heard.notices.flatMap((notice) =>
      notice.about === 'roster' ? [[notice.change, notice.user]] : [],
    );
    expect(changes).toEqual([
      ['role', bob.user],
      ['left', caller.user],
    ]);
    const record = await world.stores.rooms.byId(owned);
    expect(record?.floor).toBe(record?.version);
  });

  it('deletes a room without other members, whose name is free then', async () => {
    const alone = await room('Alone');
    accepted(await close());
    await isSettled();
    expect(await world.stores.rooms.byId(alone)).toBeUndefined();
    const bob = await world.caller('Bob');
    await makeRoom(b, bob, 'Alone');
  });

  it('passes a room on to who is left when heirs close their accounts too', async () => {
    const bob = await KeyedPerson.make('Bob');
    await bob.register(a.core);
    const bobs = callerOf(await bob.login(a.core), 'b');
    const cleo = await world.caller('Cleo');
    const owned = await room('Owned', bobs, cleo);
    const at = greeting();
    const both = [close(a), closeAccount(b.core, at, bobs, { signature: await bob.closing(at) })];
    for (const outcome of await Promise.all(both)) accepted(outcome);
    await eventually(async () => expect(await rolesIn(owned)).toEqual({ [cleo.user]: 'owner' }));
  });

  it('is completed by another node when the one that began died after the heir was named', async () => {
    const [bob, cleo] = [await world.caller('Bob'), await world.caller('Cleo')];
    const owned = await room('Owned', bob, cleo);
    const record = (await world.stores.rooms.byId(owned)) ?? expect.unreachable();
    const before = record.members.find(({ user }) => user === bob.user) ?? expect.unreachable();
    const after = { ...before, role: 'owner' } as const;
    const formerOwner = record.members.find(({ user }) => user === caller.user) ?? expect.unreachable();
    const change = { version: record.version + 1, kind: 'role', before, after, formerOwner, at: 1 } as const;
    await world.stores.rooms.update(owned, { change, raisesFloor: false });
    await world.stores.identities.close(caller.user, Date.now() - 2 * LEFT_ALONE_MS);
    await world.node();
    await isSettled();
    expect(await rolesIn(owned)).toEqual({ [bob.user]: 'owner', [cleo.user]: 'member' });
  });

  it('may be asked for again when the answer was lost, and nothing else may', async () => {
    accepted(await close());
    accepted(await close(b));
    const at = greeting();
    const body = await ann.rotation(at, await ann.successor());
    expect(await rotate(a.core, at, caller, body)).toMatchObject({ refused: 'unauthenticated' });
    const lobby = { name: roomNamed('Lobby'), hidden: false, retention: 1 };
    expect(await a.requests.create(caller, lobby)).toMatchObject({ refused: 'unauthenticated' });
  });
});
