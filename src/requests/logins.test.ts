import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import {
  callerOf,
  greeting,
  KeyedPerson,
  originOf,
  testAddress,
} from '../../test/support/ports/keyed-person.ts';
import { accepted } from '../../test/support/ports/prepared-send.ts';
import { listen, type ServiceNode, ServiceWorld } from '../../test/support/ports/service-world.ts';
import { twoNodes } from '../../test/support/ports/set-ups.ts';
import { isRevoked } from '../core/caller.ts';
import { toHex } from '../protocol/bytes.ts';
import { CHALLENGE_LIFE_MS, TOKEN_LIFE_MS } from '../protocol/limits.ts';
import { logout } from './account-changes.ts';
import { beginLogin, finishLogin, resumeSession } from './logins.ts';
import { register } from './registration.ts';

describe('accounts', () => {
  let world: ServiceWorld;
  let a: ServiceNode;
  let b: ServiceNode;
  let ann: KeyedPerson;
  let bob: KeyedPerson;
  beforeAll(async () => {
    ann = await KeyedPerson.make('Ann');
    bob = await KeyedPerson.make('Bob');
  });
  beforeEach(async () => {
    ({ world, a, b } = await twoNodes());
  });
  afterEach(() => void vi.useRealTimers());

  it('registers once a name, logs in on any node, and hands the identity to whoever asks', async () => {
    await ann.register(a.core);
    const at = greeting();
    const second = await (await KeyedPerson.make('aNN')).registration(at);
    expect(await register(b.core, at, testAddress, second)).toEqual({ refused: 'name_taken' });
    const opened = await ann.login(b.core);
    expect(opened).toMatchObject({ name: 'Ann', reply: { user: opened.user, name: 'Ann' } });
    expect(opened.reply.until).toBe(opened.tokenIssuedAt + TOKEN_LIFE_MS);
    const caller = callerOf(opened, 's1');
    const found = accepted(await a.requests.identity(caller, { name: ann.name }));
    expect(found).toMatchObject({ user: opened.user, more: false, chain: [expect.anything()] });
    expect(await a.requests.identity(caller, { name: bob.name })).toMatchObject({
      refused: 'invalid_name',
    });
    expect(await a.requests.identity(caller, {})).toMatchObject({ refused: 'bad_request' });
  });

  it('refuses a registration whose keys were not both used on this connection', async () => {
    const at = greeting();
    const body = await ann.registration(at);
    const flipped = (bytes: Uint8Array, index: number) =>
      bytes.map((byte, at_) => (at_ === index ? byte ^ 1 : byte));
    const broken = [
      { ...body, proof: flipped(body.proof, 3) },
      { ...body, proof: flipped(body.proof, 300) },
      { ...body, identity: { ...body.identity, signatures: flipped(body.identity.signatures, 3) } },
      { ...body, identity: { ...body.identity, signatures: flipped(body.identity.signatures, 300) } },
      { ...body, identity: { ...body.identity, document: new Uint8Array(5) } },
      await ann.registration(greeting()),
      { ...body, proof: (await bob.registration(at)).proof },
    ];
    for (const each of broken) {
      expect(await register(a.core, at, testAddress, each)).toEqual({
        refused: 'invalid_identity',
      });
    }
    accepted(await register(a.core, at, testAddress, body));
  });

  it('takes no accounts while registration is closed', async () => {
    const closed = await ServiceWorld.open({ registration: 'closed' });
    const node = await closed.node();
    const at = greeting();
    const outcome = await register(node.core, at, testAddress, await ann.registration(at));
    expect(outcome).toMatchObject({ refused: 'forbidden' });
  });

  it('challenges names that nobody has as it does others, and fails them alike', async () => {
    await ann.register(a.core);
    await bob.register(a.core);
    const { user } = await bob.login(a.core);
    await world.stores.identities.close(user, 1);
    for (const username of ['ann', 'nobody', 'bob']) {
      const at = greeting();
      const pending = accepted(await beginLogin(b.core, at, testAddress, { username }));
      expect(pending.reply.challenge).toHaveLength(256);
      const outcome = await finishLogin(b.core, pending, { mac: new Uint8Array(32) });
      expect(outcome).toEqual({ refused: 'auth_failed' });
    }
    expect(await beginLogin(a.core, greeting(), testAddress, { username: 'no!' })).toMatchObject({
      refused: 'invalid_name',
    });
  });

  it('takes one answer to a challenge, in time, made for the address that was dialled', async () => {
    await ann.register(a.core);
    const at = greeting();
    const challenge = async () => accepted(await beginLogin(a.core, at, testAddress, { username: 'ann' }));
    const wrongFirst = await challenge();
    const right = await ann.answer(at, wrongFirst);
    if (right === undefined) throw new Error('the challenge opens');
    await finishLogin(a.core, wrongFirst, { mac: new Uint8Array(32) });
    expect(await finishLogin(a.core, wrongFirst, right)).toEqual({ refused: 'auth_failed' });
    const relayed = await ann.answer({ ...at, origin: originOf('ws://evil:80') }, await challenge());
    expect(relayed).toBeUndefined();
    const late = await challenge();
    const answer = await ann.answer(at, late);
    if (answer === undefined) throw new Error('the challenge opens');
    vi.useFakeTimers({ toFake: ['Date'], now: late.reply.expires });
    expect(late.reply.expires).toBeLessThanOrEqual(Date.now() + CHALLENGE_LIFE_MS);
    expect(await finishLogin(a.core, late, answer)).toEqual({ refused: 'auth_failed' });
  });

  it('limits registrations by address, over all nodes', async () => {
    const rateRegistrationsAddress = { count: 2, periodMs: 3_600_000, burst: 2 };
    const strict = await ServiceWorld.open({ rateRegistrationsAddress });
    const nodes = [await strict.node(), await strict.node()] as const;
    const registerAt = async (node: ServiceNode, address: string, name: string) => {
      const at = greeting();
      const body = await (await KeyedPerson.make(name)).registration(at);
      return register(node.core, at, address, body);
    };
    accepted(await registerAt(nodes[0], '10.0.0.1', 'Ann'));
    accepted(await registerAt(nodes[1], '10.0.0.1', 'Bob'));
    for (const node of nodes)
      expect(await registerAt(node, '10.0.0.1', 'Eve')).toMatchObject({ refused: 'rate_limited' });
    accepted(await registerAt(nodes[0], '10.0.0.2', 'Eve'));
  });

  it('limits logins by name and by address', async () => {
    const minute = (count: number) => ({ count, periodMs: 60_000, burst: count });
    const strict = await ServiceWorld.open({ rateLoginsName: minute(2), rateLoginsAddress: minute(3) });
    const node = await strict.node();
    const attempt = (username: string, address: string) =>
      beginLogin(node.core, greeting(), address, { username });
    accepted(await attempt('ann', '10.0.0.1'));
    accepted(await attempt('ANN', '10.0.0.1'));
    expect(await attempt('ann', '10.0.0.1')).toMatchObject({ refused: 'rate_limited' });
    expect(await attempt('bob', '10.0.0.1')).toMatchObject({ refused: 'rate_limited' });
    accepted(await attempt('ann', '10.0.0.2'));
  });

  it('resumes on any node with the same token, for as long as it lives', async () => {
    await ann.register(a.core);
    const opened = await ann.login(a.core);
    const { token } = opened.reply;
    const at = greeting();
    const resumed = accepted(await resumeSession(b.core, at, await ann.resumption(at, token)));
    expect(resumed).toEqual(opened);
    const forged = token.map((byte, index) => (index === 30 ? byte ^ 1 : byte));
    const refused = [
      await ann.resumption(greeting(), token),
      await bob.resumption(at, token),
      await ann.resumption(at, forged),
      await ann.resumption(at, new Uint8Array(0)),
    ];
    for (const body of refused) {
      expect(await resumeSession(b.core, at, body)).toEqual({ refused: 'auth_failed' });
    }
    vi.useFakeTimers({ toFake: ['Date'], now: opened.reply.until });
    expect(await resumeSession(b.core, at, await ann.resumption(at, token))).toEqual({
      refused: 'auth_failed',
    });
  });

  it('gives logins of one moment tokens of their own', async () => {
    await ann.register(a.core);
    const logins = await Promise.all(Array.from({ length: 8 }, () => ann.login(a.core)));
    expect(new Set(logins.map(({ reply }) => toHex(reply.token))).size).toBe(logins.length);
  });

  it('logs out one token, or all of a user, on every node at once', async () => {
    await ann.register(a.core);
    const control = await listen(b, 'control');
    const [first, second, third] = [
      await ann.login(a.core),
      await ann.login(a.core),
      await ann.login(b.core),
    ];
    const at = greeting();
    const resumes = async (opened: typeof first) =>
      'reply' in (await resumeSession(b.core, at, await ann.resumption(at, opened.reply.token)));
    const wrong = { signature: await ann.logout(at, true) };
    const caller = callerOf(first, 's1');
    expect(await logout(a.core, at, caller, wrong)).toEqual({ refused: 'auth_failed' });
    accepted(await logout(a.core, at, caller, { signature: await ann.logout(at, false) }));
    expect([await resumes(first), await resumes(second), await resumes(third)]).toEqual([false, true, true]);
    const everywhere = { everywhere: true, signature: await ann.logout(at, true) };
    accepted(await logout(b.core, at, callerOf(second, 's2'), everywhere));
    expect([await resumes(first), await resumes(second), await resumes(third)]).toEqual([
      false,
      false,
      false,
    ]);
    await eventually(() => expect(control.notices).toHaveLength(2));
    const ended = control.notices.map((notice) =>
      [first, second, third].map((opened) => notice.about === 'revoked' && isRevoked(opened, notice)),
    );
    expect(ended).toEqual([
      [true, false, false],
      [true, true, true],
    ]);
  });

  it('limits logouts of one user, but never one everywhere', async () => {
    const strict = await ServiceWorld.open({ rateLogoutsUser: { count: 2, periodMs: 3_600_000, burst: 2 } });
    const node = await strict.node();
    await ann.register(node.core);
    const logOut = async (isEverywhere: boolean) => {
      const caller = callerOf(await ann.login(node.core), 's');
      const at = greeting();
      const body = { everywhere: isEverywhere, signature: await ann.logout(at, isEverywhere) };
      return logout(node.core, at, caller, body);
    };
    accepted(await logOut(false));
    accepted(await logOut(false));
    expect(await logOut(false)).toMatchObject({ refused: 'rate_limited' });
    accepted(await logOut(true));
  });

  it('believes no cache of revocations that is not complete', async () => {
    await ann.register(a.core);
    const opened = await ann.login(a.core);
    await world.stores.identities.revoke({ user: opened.user, notBefore: opened.tokenIssuedAt + 1 });
    const at = greeting();
    const body = await ann.resumption(at, opened.reply.token);
    expect(await resumeSession(b.core, at, body)).toEqual({ refused: 'auth_failed' });
  });
});
