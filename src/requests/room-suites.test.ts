import { beforeEach, describe, expect, it } from 'vitest';
import { chainAt, newPrekeyChain, signPrekeys } from '../../client/crypto/epochs/prekeys.ts';
import { callerOf, KeyedPerson } from '../../test/support/ports/keyed-person.ts';
import { accepted, PreparedSends } from '../../test/support/ports/prepared-send.ts';
import { roomNamed, type ServiceNode, type ServiceWorld } from '../../test/support/ports/service-world.ts';
import { twoNodes } from '../../test/support/ports/set-ups.ts';
import type { Caller } from '../core/caller.ts';
import { isRefusal } from '../protocol/error-reply.ts';
import { parseIdentityDocument } from '../protocol/layouts/identity-document.ts';

const people = await Promise.all([KeyedPerson.make('ann'), KeyedPerson.make('bob')]);
const name = roomNamed('suites');
const code = (outcome: object): string => (isRefusal(outcome) ? outcome.refused : 'ok');

let world: ServiceWorld;
let a: ServiceNode;
let b: ServiceNode;
let ann: Caller;
let bob: Caller;

beforeEach(async () => {
  ({ world, a, b } = await twoNodes(people, { maxRoomMembers: 2, maxEpochRoomMembers: 3 }));
  const [annsKeys, bobsKeys] = people;
  if (annsKeys === undefined || bobsKeys === undefined) expect.unreachable('there are two');
  ann = callerOf(await annsKeys.login(a.core), 'anns');
  bob = callerOf(await bobsKeys.login(b.core), 'bobs');
});

async function publishPrekey(person: KeyedPerson | undefined, caller: Caller): Promise<void> {
  if (person === undefined) expect.unreachable('there are two');
  const parsed = parseIdentityDocument(person.identity.document);
  if (!parsed.ok) expect.unreachable(parsed.reason);
  const { createdAt } = parsed.document;
  const chain = await chainAt(newPrekeyChain(), 1);
  const prekeys = await signPrekeys(chain, { user: caller.user, createdAt }, person.keys, 1);
  accepted(await a.requests.prekey(caller, { prekeys }));
}

describe('a room of suite 2', () => {
  it('takes in only clients that say they speak it, and as many members as its own limit', async () => {
    const { info } = accepted(await a.requests.create(ann, { name, hidden: false, retention: 1, suite: 2 }));
    expect(info.suite).toBe(2);
    expect(code(await b.requests.join(bob, { name }))).toBe('unsupported_version');
    expect(code(await b.requests.join(bob, { name, suite: 1 }))).toBe('unsupported_version');
    expect(accepted(await b.requests.join(bob, { name, suite: 2 })).info.suite).toBe(2);
    accepted(await a.requests.join(await world.caller('third'), { name, suite: 2 }));
    expect(code(await a.requests.join(await world.caller('fourth'), { name, suite: 2 }))).toBe('room_full');
  });

  it('tells nobody who lacks its password which suite it has', async () => {
    const password = { salt: new Uint8Array(32), proof: new Uint8Array(32) };
    accepted(await a.requests.create(ann, { name, hidden: false, retention: 1, suite: 2, password }));
    expect(code(await b.requests.join(bob, { name }))).toBe('no_such_room_or_password');
  });
});

describe('a room of suite 1', () => {
  it('is raised by its owner when every member has a prekey for the week, and never lowered', async () => {
    const { room } = accepted(await a.requests.create(ann, { name, hidden: false, retention: 1 })).info;
    accepted(await b.requests.join(bob, { name }));
    const raise = (caller: Caller, suite = 2) => a.requests.update(caller, { room, suite });
    expect(code(await raise(bob))).toBe('forbidden');
    expect(code(await raise(ann))).toBe('unsupported_version');
    await publishPrekey(people[0], ann);
    expect(code(await raise(ann))).toBe('unsupported_version');
    await publishPrekey(people[1], bob);
    const before = await world.record(room);
    accepted(await raise(ann));
    const after = await world.record(room);
    expect(after).toMatchObject({ suite: 2, version: before.version + 1, floor: before.version + 1 });
    accepted(await raise(ann));
    expect((await world.record(room)).version).toBe(after.version);
    expect(code(await raise(ann, 1))).toBe('bad_request');
    accepted(await a.requests.update(ann, { room, hidden: true }));
    expect((await world.record(room)).suite).toBe(2);
  });

  it('takes no message of the suite before once it is raised, and keeps those that it took readable', async () => {
    const { room } = accepted(await a.requests.create(ann, { name, hidden: false, retention: 1 })).info;
    await publishPrekey(people[0], ann);
    const sends = new PreparedSends(ann);
    const before = await world.record(room);
    const { seq } = accepted(await a.requests.send(ann, sends.prepare(before)));
    const late = sends.prepare(before);
    accepted(await a.requests.update(ann, { room, suite: 2 }));
    expect(code(await a.requests.send(ann, late))).toBe('stale_roster');
    const again = new PreparedSends(ann).prepare(await world.record(room));
    expect(code(await a.requests.send(ann, again))).toBe('unsupported_version');
    const { messages } = accepted(await b.requests.history(ann, { room, after: 0, limit: 10 }));
    expect(messages.map((message) => message.seq)).toEqual([seq]);
  });
});
