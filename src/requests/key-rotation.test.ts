import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { callerOf, greeting, KeyedPerson, testAddress } from '../../test/support/ports/keyed-person.ts';
import { accepted, PreparedSends } from '../../test/support/ports/prepared-send.ts';
import { listen, type ServiceNode, ServiceWorld } from '../../test/support/ports/service-world.ts';
import { makeRoom, twoNodes } from '../../test/support/ports/set-ups.ts';
import { LEFT_ALONE_MS } from '../core/account-reconciler.ts';
import type { Opened } from '../core/caller.ts';
import { isRevoked } from '../core/caller.ts';
import { memberOf } from '../domain/roster.ts';
import { foldName, parseUserName } from '../protocol/names.ts';
import { rotate } from './account-changes.ts';
import { beginLogin, finishLogin, resumeSession } from './logins.ts';

describe('key rotation', () => {
  let world: ServiceWorld;
  let a: ServiceNode;
  let b: ServiceNode;
  let ann: KeyedPerson;
  let next: KeyedPerson;
  let afterNext: KeyedPerson;
  beforeAll(async () => {
    ann = await KeyedPerson.make('Ann');
    next = await ann.successor();
    afterNext = await next.successor();
  });
  beforeEach(async () => {
    ({ world, a, b } = await twoNodes([ann]));
  });
  afterEach(() => void vi.useRealTimers());

  async function replace(node: ServiceNode, from: KeyedPerson, to: KeyedPerson, opened: Opened) {
    const at = greeting();
    return rotate(node.core, at, callerOf(opened, 's'), await from.rotation(at, to));
  }

  async function account() {
    return (await world.stores.identities.byName(foldName(ann.name))) ?? expect.unreachable();
  }

  it('puts new keys in the place of the old ones, which log in no more and whose tokens are dead everywhere', async () => {
    const control = await listen(b, 'control');
    const first = await ann.login(a.core);
    const second = await ann.login(b.core);
    accepted(await replace(a, ann, next, first));
    const at = greeting();
    for (const opened of [first, second]) {
      const body = await ann.resumption(at, opened.reply.token);
      expect(await resumeSession(b.core, at, body)).toEqual({ refused: 'keys_replaced' });
    }
    const pending = accepted(await beginLogin(b.core, at, testAddress, { username: 'ann' }));
    expect(await ann.answer(at, pending)).toBeUndefined();
    const opened = await next.login(b.core);
    const again = await next.resumption(at, opened.reply.token);
    accepted(await resumeSession(a.core, at, again));
    await eventually(() => expect(control.notices).not.toHaveLength(0));
    for (const notice of control.notices) {
      if (notice.about !== 'revoked') expect.unreachable();
      expect(isRevoked(opened, notice)).toBe(false);
    }
    const ended = (session: Opened): boolean =>
      control.notices.some((notice) => notice.about === 'revoked' && isRevoked(session, notice));
    expect([ended(first), ended(second)]).toEqual([true, true]);
    const { chain } = accepted(await a.requests.identity(callerOf(opened, 's'), { name: ann.name }));
    expect(chain).toEqual([ann.identity, next.identity]);
  });

  it('does not tell others than the holder of a token and its key that keys were replaced', async () => {
    const opened = await ann.login(a.core);
    accepted(await replace(a, ann, next, opened));
    const at = greeting();
    const bob = await KeyedPerson.make('Bob');
    const stolen = await bob.resumption(at, opened.reply.token);
    expect(await resumeSession(a.core, at, stolen)).toEqual({ refused: 'auth_failed' });
  });

  it('lets one of two rotations at once win; the other is a conflict', async () => {
    const rival = await ann.successor();
    const [first, second] = [await ann.login(a.core), await ann.login(b.core)];
    const outcomes = await Promise.all([replace(a, ann, next, first), replace(b, ann, rival, second)]);
    const refused = outcomes.filter((outcome) => 'refused' in outcome);
    expect(refused).toMatchObject([{ refused: 'conflict' }]);
    const winner = 'refused' in outcomes[0] ? rival : next;
    expect((await account()).identity).toEqual(winner.identity);
    expect(await replace(a, ann, next, first)).toMatchObject({ refused: 'conflict' });
  });

  it('refuses a document that the keys before did not sign, that jumps, or that is of somebody else', async () => {
    const bob = await KeyedPerson.make('Bob');
    const opened = await ann.login(a.core);
    const name = parseUserName('Bob');
    if (name === undefined) expect.unreachable();
    const bad: readonly KeyedPerson[] = [
      await ann.successor({ by: bob }),
      await ann.successor({ name }),
      await bob.successor(),
      afterNext,
    ];
    for (const to of bad) expect(await replace(a, ann, to, opened)).toEqual({ refused: 'invalid_identity' });
    expect((await account()).identity).toEqual(ann.identity);
  });

  it('refuses a rotation that was not signed for this connection, by the signing key in force', async () => {
    const bob = await KeyedPerson.make('Bob');
    const opened = await ann.login(a.core);
    const at = greeting();
    const caller = callerOf(opened, 's');
    const elsewhere = await ann.rotation(greeting(), next);
    const stranger = {
      ...(await ann.rotation(at, next)),
      signature: (await bob.rotation(at, next)).signature,
    };
    const logout = { ...(await ann.rotation(at, next)), signature: await ann.logout(at, true) };
    for (const body of [elsewhere, stranger, logout])
      expect(await rotate(a.core, at, caller, body)).toEqual({ refused: 'auth_failed' });
    const broken = await ann.rotation(at, next);
    const signatures = broken.identity.signatures.map((byte, i) => (i === 500 ? byte ^ 1 : byte));
    const body = { ...broken, identity: { ...broken.identity, signatures } };
    expect(await rotate(a.core, at, caller, body)).toEqual({ refused: 'invalid_identity' });
  });

  it('takes no rotation again that it took before', async () => {
    const opened = await ann.login(a.core);
    accepted(await replace(a, ann, next, opened));
    const renewed = await next.login(a.core);
    expect(await replace(a, next, next, renewed)).toMatchObject({ refused: 'conflict' });
    accepted(await replace(a, next, afterNext, renewed));
    const last = await afterNext.login(a.core);
    expect(await replace(a, afterNext, next, last)).toMatchObject({ refused: 'conflict' });
  });

  it('takes no answer to a challenge that was made for keys replaced meanwhile', async () => {
    const opened = await ann.login(a.core);
    const at = greeting();
    const pending = accepted(await beginLogin(b.core, at, testAddress, { username: 'ann' }));
    const answer = (await ann.answer(at, pending)) ?? expect.unreachable();
    accepted(await replace(a, ann, next, opened));
    expect(await finishLogin(b.core, pending, answer)).toEqual({ refused: 'auth_failed' });
  });

  it('gives every roster the new identity and raises its floor, so that nothing for the old key is taken any more', async () => {
    const opened = await ann.login(a.core);
    const caller = callerOf(opened, 's');
    const bob = await world.caller('Bob');
    const rooms = await Promise.all(
      ['Lobby', 'Attic'].map(async (name) => {
        const info = await makeRoom(a, caller, name);
        accepted(await b.requests.join(bob, { name: info.name }));
        return info.room;
      }),
    );
    const [lobby] = rooms;
    if (lobby === undefined) expect.unreachable();
    const before = (await world.stores.rooms.byId(lobby)) ?? expect.unreachable();
    const heard = await listen(b, lobby);
    accepted(await replace(a, ann, next, opened));
    await eventually(async () => expect(await account()).not.toHaveProperty('behindSince'));
    for (const room of rooms) {
      const record = (await world.stores.rooms.byId(room)) ?? expect.unreachable();
      expect(record.floor).toBe(record.version);
      expect(memberOf(record, caller.user)).toMatchObject({
        identity: 1,
        since: record.version,
        role: 'owner',
      });
    }
    expect(heard.notices).toContainEqual(
      expect.objectContaining({ about: 'roster', change: 'identity', user: caller.user }),
    );
    const stale = await b.requests.send(bob, new PreparedSends(bob).prepare(before));
    expect(stale).toMatchObject({ refused: 'stale_roster', version: before.version + 1 });
    const page = accepted(await b.requests.members(bob, { room: lobby, since: before.version }));
    const own = page.members.filter(({ user }) => user === caller.user);
    expect(own.map(({ identity, left }) => ({ identity, left }))).toEqual([
      { identity: ann.identity, left: before.version + 1 },
      { identity: next.identity, left: undefined },
    ]);
  });

  it('completes on another node what a node that died left behind, tokens and rosters', async () => {
    const opened = await ann.login(a.core);
    const caller = callerOf(opened, 's');
    const info = await makeRoom(a, caller, 'Lobby');
    // The record was changed, and then nothing more happened.
    const at = opened.tokenIssuedAt + 1 - LEFT_ALONE_MS * 2;
    const late = { user: caller.user, sequence: 1, identity: next.identity, at };
    expect(await world.stores.identities.replace(late)).toBe('replaced');
    await world.node();
    await eventually(async () => expect(await account()).not.toHaveProperty('behindSince'));
    const record = (await world.stores.rooms.byId(info.room)) ?? expect.unreachable();
    expect(memberOf(record, caller.user)).toMatchObject({ identity: 1 });
    expect(await world.stores.identities.revocationsOf([caller.user])).toEqual([
      { user: caller.user, notBefore: at },
    ]);
  });

  it('goes on where it was cut short when the user logs in with the new keys', async () => {
    const opened = await ann.login(a.core);
    const caller = callerOf(opened, 's');
    const info = await makeRoom(a, caller, 'Lobby');
    const now = { user: caller.user, sequence: 1, identity: next.identity, at: Date.now() };
    await world.stores.identities.replace(now);
    await next.login(b.core);
    await eventually(async () => {
      const record = (await world.stores.rooms.byId(info.room)) ?? expect.unreachable();
      expect(memberOf(record, caller.user)).toMatchObject({ identity: 1 });
    });
  });

  it('leaves an account behind while one of its rooms can not be changed', async () => {
    const opened = await ann.login(a.core);
    const caller = callerOf(opened, 's');
    await makeRoom(a, caller, 'Lobby');
    a.rooms.lose('update');
    accepted(await replace(a, ann, next, opened));
    await eventually(() => expect(a.rooms.count('update')).toBe(1));
    expect(await account()).toHaveProperty('behindSince');
    await next.login(a.core);
    await eventually(async () => expect(await account()).not.toHaveProperty('behindSince'));
  });

  it('mends a roster that somebody joined under the keys before, while these were replaced', async () => {
    const opened = await ann.login(a.core);
    const caller = callerOf(opened, 's');
    const bob = await world.caller('Bob');
    const info = await makeRoom(b, bob, 'Lobby');
    const held = b.rooms.hold('update');
    const joining = b.requests.join(caller, { name: info.name });
    await held.arrived;
    accepted(await replace(a, ann, next, opened));
    await eventually(async () => expect(await account()).not.toHaveProperty('behindSince'));
    held.release();
    accepted(await joining);
    await eventually(async () => {
      const record = (await world.stores.rooms.byId(info.room)) ?? expect.unreachable();
      expect(memberOf(record, caller.user)).toMatchObject({ identity: 1 });
    });
  });

  it('limits rotations by user', async () => {
    const strict = await ServiceWorld.open({ rateRotationsUser: { count: 1, periodMs: 60_000, burst: 1 } });
    const node = await strict.node();
    await ann.register(node.core);
    accepted(await replace(node, ann, next, await ann.login(node.core)));
    const refused = await replace(node, next, afterNext, await next.login(node.core));
    expect(refused).toMatchObject({ refused: 'rate_limited' });
  });
});
