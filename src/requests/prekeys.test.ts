import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chainAt, newPrekeyChain, signPrekeys } from '../../client/crypto/epochs/prekeys.ts';
import { eventually } from '../../test/support/eventually.ts';
import { callerOf, greeting, KeyedPerson } from '../../test/support/ports/keyed-person.ts';
import { accepted } from '../../test/support/ports/prepared-send.ts';
import { roomNamed, type ServiceNode, type ServiceWorld } from '../../test/support/ports/service-world.ts';
import { twoNodes } from '../../test/support/ports/set-ups.ts';
import type { Caller } from '../core/caller.ts';
import type { RoomId } from '../protocol/ids.ts';
import { parseIdentityDocument } from '../protocol/layouts/identity-document.ts';
import { PREKEY_WEEK_MS, PREKEYS_PAGE_MAX } from '../protocol/limits.ts';
import { closeAccount, rotate } from './account-changes.ts';

describe('prekeys', () => {
  let world: ServiceWorld;
  let a: ServiceNode;
  let b: ServiceNode;
  let ann: KeyedPerson;
  let bob: KeyedPerson;
  let caller: Caller;
  let room: RoomId;
  beforeAll(async () => {
    [ann, bob] = await Promise.all([KeyedPerson.make('Ann'), KeyedPerson.make('Bob')]);
  });
  beforeEach(async () => {
    ({ world, a, b } = await twoNodes());
    caller = await enrolled(ann);
    const body = { name: roomNamed('harbour'), hidden: false, retention: 1 };
    room = accepted(await a.requests.create(caller, body)).info.room;
  });

  async function enrolled(person: KeyedPerson): Promise<Caller> {
    await person.register(a.core);
    return callerOf(await person.login(a.core), `session of ${person.name}`);
  }

  function createdAt({ identity }: KeyedPerson): number {
    const parsed = parseIdentityDocument(identity.document);
    return parsed.ok ? parsed.document.createdAt : expect.unreachable(parsed.reason);
  }

  /** Signed by this person, for the account of `of`. */
  async function prekeysOf(
    person: KeyedPerson,
    of: Caller,
    { from = 1, count = 1 } = {},
  ): Promise<readonly Uint8Array[]> {
    const chain = await chainAt(newPrekeyChain(), from);
    return signPrekeys(chain, { user: of.user, createdAt: createdAt(person) }, person.keys, count);
  }

  const listed = async (): Promise<unknown> => accepted(await b.requests.prekeys(caller, { room })).prekeys;

  it('of the week that it is are listed to members, on any node', async () => {
    expect(await listed()).toEqual([]);
    const prekeys = await prekeysOf(ann, caller, { count: 9 });
    accepted(await a.requests.prekey(caller, { prekeys }));
    expect(await listed()).toEqual([{ user: caller.user, prekey: prekeys[0] }]);
    world.clock.aheadMs = PREKEY_WEEK_MS;
    expect(await listed()).toEqual([{ user: caller.user, prekey: prekeys[1] }]);
    world.clock.aheadMs = 9 * PREKEY_WEEK_MS;
    expect(await listed()).toEqual([]);
    const stranger = await world.caller('stranger');
    expect(await b.requests.prekeys(stranger, { room })).toMatchObject({ refused: 'not_a_member' });
  });

  it('are taken only for the account that asks, signed by its current keys', async () => {
    const other = await enrolled(bob);
    const [own = new Uint8Array(0)] = await prekeysOf(ann, caller);
    const altered = own.slice();
    altered.set([(own.at(-1) ?? 0) ^ 1], own.length - 1);
    const bad = [
      ...(await prekeysOf(bob, other)),
      ...(await prekeysOf(bob, caller)),
      ...(await prekeysOf(ann, other)),
      altered,
      own.slice(1),
    ];
    for (const prekey of bad)
      expect(await a.requests.prekey(caller, { prekeys: [own, prekey] })).toMatchObject({
        refused: 'invalid_identity',
      });
    expect(await listed()).toEqual([]);
  });

  it('are taken for weeks that are not over, up to eight ahead, and each week once', async () => {
    const [first = [], ninth = [], tenth = []] = await Promise.all(
      [1, 9, 10].map((from) => prekeysOf(ann, caller, { from })),
    );
    accepted(await a.requests.prekey(caller, { prekeys: [...first, ...ninth] }));
    const refused = { refused: 'bad_request' };
    expect(await a.requests.prekey(caller, { prekeys: tenth })).toMatchObject(refused);
    expect(await a.requests.prekey(caller, { prekeys: [...first, ...first] })).toMatchObject(refused);
    world.clock.aheadMs = PREKEY_WEEK_MS;
    expect(await a.requests.prekey(caller, { prekeys: first })).toMatchObject(refused);
    accepted(await a.requests.prekey(caller, { prekeys: tenth }));
  });

  it('of replaced keys are taken no more, and go with the first of the new ones', async () => {
    const old = await prekeysOf(ann, caller, { count: 2 });
    accepted(await a.requests.prekey(caller, { prekeys: old }));
    const next = await ann.successor();
    const at = greeting();
    accepted(await rotate(a.core, at, caller, await ann.rotation(at, next)));
    expect(await a.requests.prekey(caller, { prekeys: old })).toMatchObject({ refused: 'invalid_identity' });
    const fresh = await prekeysOf(next, caller);
    accepted(await b.requests.prekey(caller, { prekeys: fresh }));
    expect(await listed()).toEqual([{ user: caller.user, prekey: fresh[0] }]);
    world.clock.aheadMs = PREKEY_WEEK_MS;
    expect(await listed()).toEqual([]);
  });

  it('go with the account', async () => {
    const other = await enrolled(bob);
    accepted(await a.requests.prekey(other, { prekeys: await prekeysOf(bob, other) }));
    const isStored = async (): Promise<boolean> =>
      (await world.stores.prekeys.current([other.user], Date.now())).size === 1;
    expect(await isStored()).toBe(true);
    const at = greeting();
    accepted(await closeAccount(a.core, at, other, { signature: await bob.closing(at) }));
    await eventually(async () => expect(await isStored()).toBe(false));
    const prekeys = await prekeysOf(bob, other);
    expect(await a.requests.prekey(other, { prekeys })).toMatchObject({ refused: 'unauthenticated' });
  });

  it('are stored at a limited rate', async () => {
    const { a: node } = await twoNodes([], { ratePrekeysUser: { count: 2, periodMs: 3_600_000, burst: 2 } });
    await ann.register(node.core);
    const again = callerOf(await ann.login(node.core), 's');
    for (let time = 0; time < 2; time += 1) accepted(await node.requests.prekey(again, { prekeys: [] }));
    expect(await node.requests.prekey(again, { prekeys: [] })).toMatchObject({ refused: 'rate_limited' });
  });

  it('of a large room come page by page, in order of the user ids', async () => {
    const people = await Promise.all(
      Array.from({ length: PREKEYS_PAGE_MAX + 20 }, (_, index) => world.caller(`member${index}`)),
    );
    for (const person of people) accepted(await a.requests.join(person, { name: roomNamed('harbour') }));
    const [bytes = new Uint8Array(0)] = await prekeysOf(ann, caller);
    const stored = { week: 1, bytes, notBefore: Date.now() - 1, notAfter: Date.now() + PREKEY_WEEK_MS };
    const holders = people.filter((_, index) => index % 3 === 0);
    for (const { user } of holders) await world.stores.prekeys.put(user, ann.keys.fingerprint, [stored]);
    const first = accepted(await b.requests.prekeys(caller, { room }));
    const { cursor } = first;
    if (cursor === undefined) expect.unreachable('there are more members than fit a page');
    const second = accepted(await b.requests.prekeys(caller, { room, cursor }));
    expect(second).not.toHaveProperty('cursor');
    const users = [...first.prekeys, ...second.prekeys].map(({ user }) => user);
    expect(users).toStrictEqual(holders.map(({ user }) => user).sort());
    expect(await b.requests.prekeys(caller, { room, cursor: new Uint8Array(3) })).toMatchObject({
      refused: 'bad_request',
    });
  });
});
