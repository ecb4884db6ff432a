import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { callerOf, greeting, KeyedPerson } from '../../test/support/ports/keyed-person.ts';
import { accepted } from '../../test/support/ports/prepared-send.ts';
import { listen, type ServiceNode, type ServiceWorld } from '../../test/support/ports/service-world.ts';
import { twoNodes } from '../../test/support/ports/set-ups.ts';
import type { Caller } from '../core/caller.ts';
import { encodeEvent } from '../protocol/server-codec.ts';
import { closeAccount } from './account-changes.ts';

describe('the state of a user', () => {
  let world: ServiceWorld;
  let a: ServiceNode;
  let b: ServiceNode;
  let ann: KeyedPerson;
  let caller: Caller;
  beforeAll(async () => {
    ann = await KeyedPerson.make('Ann');
  });
  beforeEach(async () => {
    ({ world, a, b } = await twoNodes([ann]));
    caller = callerOf(await ann.login(a.core), 'session of Ann');
  });

  const data = new Uint8Array(40).fill(7);
  const put = (version: number, before: number, sequence = 0) =>
    a.requests['put-state'](caller, { version, before, sequence, data });
  const read = async (known?: number) =>
    accepted(await b.requests.state(caller, known === undefined ? {} : { known })).state;

  it('is read on any node, and without its data by whoever knows the version', async () => {
    expect(await read()).toBeUndefined();
    accepted(await put(1, 0));
    expect(await read()).toEqual({ version: 1, sequence: 0, data });
    expect(await read(1)).toEqual({ version: 1, sequence: 0 });
    accepted(await put(5, 1));
    expect(await read(1)).toEqual({ version: 5, sequence: 0, data });
  });

  it('replaces the version that its writer had seen, and no other, under a higher number', async () => {
    accepted(await put(2, 0));
    expect(await put(3, 0)).toMatchObject({ refused: 'conflict' });
    expect(await put(3, 1)).toMatchObject({ refused: 'conflict' });
    expect(await put(2, 2)).toMatchObject({ refused: 'bad_request' });
    expect(await read()).toMatchObject({ version: 2 });
  });

  it('is told to all sessions of its user but the one that stored it', async () => {
    const heard = await listen(b, 'control');
    accepted(await put(1, 0));
    const event = encodeEvent('state', { version: 1 });
    const notice = { about: 'state', user: caller.user, by: caller.session, event };
    await eventually(() => expect(heard.notices).toEqual([notice]));
    expect(await put(1, 0)).toMatchObject({ refused: 'conflict' });
    expect(heard.notices).toHaveLength(1);
  });

  it('is sealed by the keys in force, and by no others', async () => {
    expect(await put(1, 0, 1)).toMatchObject({ refused: 'conflict' });
    expect(await read()).toBeUndefined();
  });

  it('is gone with the account, which stores no other', async () => {
    accepted(await put(1, 0));
    const at = greeting();
    accepted(await closeAccount(a.core, at, caller, { signature: await ann.closing(at) }));
    await eventually(async () => expect(await world.stores.userStates.get(caller.user)).toBeUndefined());
    expect(await put(1, 0)).toMatchObject({ refused: 'unauthenticated' });
    expect(await world.stores.userStates.get(caller.user)).toBeUndefined();
  });

  it('is stored at a limited rate', async () => {
    ({ a, b } = await twoNodes([ann], { rateStateUser: { count: 2, periodMs: 3_600_000, burst: 2 } }));
    caller = callerOf(await ann.login(a.core), 's');
    accepted(await put(1, 0));
    accepted(await put(2, 1));
    expect(await put(3, 2)).toMatchObject({ refused: 'rate_limited' });
    expect(await read()).toMatchObject({ version: 2 });
  });
});
