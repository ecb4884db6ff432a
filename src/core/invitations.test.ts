import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { greeting, KeyedPerson, testAddress } from '../../test/support/ports/keyed-person.ts';
import { accepted } from '../../test/support/ports/prepared-send.ts';
import { type ServiceNode, ServiceWorld } from '../../test/support/ports/service-world.ts';
import { twoNodes } from '../../test/support/ports/set-ups.ts';
import { BucketTable, InProcessRateLimits } from '../adapters/embedded/in-process-rate-limits.ts';
import { RelayGate } from '../adapters/embedded/relay-gate.ts';
import type { RateLimits } from '../ports/rate-limits.ts';
import { isAdminRefusal } from '../protocol/admin-actions.ts';
import { utf8 } from '../protocol/bytes.ts';
import { isRefusal } from '../protocol/error-reply.ts';
import { parseInviteCode } from '../protocol/invite-code.ts';
import { administration } from '../requests/administration.ts';
import { register } from '../requests/registration.ts';
import { INVITE_LIFE_MS } from './invitations.ts';
import { purposeHash } from './server-hash.ts';

const needed = { refused: 'invite_needed' };

describe('invitations', () => {
  let world: ServiceWorld;
  let a: ServiceNode;
  let b: ServiceNode;
  let people: readonly KeyedPerson[];
  beforeAll(async () => {
    people = await Promise.all(['Ann', 'Bob', 'Cid', 'aNN'].map((name) => KeyedPerson.make(name)));
  });
  beforeEach(async () => {
    ({ world, a, b } = await twoNodes([], { registration: 'invite' }));
  });
  afterEach(() => void vi.useRealTimers());

  function person(index: number): KeyedPerson {
    const found = people[index];
    if (found === undefined) throw new Error('there are four');
    return found;
  }

  async function invite(): Promise<string> {
    const made = await administration.invite(a.core, {});
    if (isAdminRefusal(made)) throw new Error(made.refused);
    expect(made.expiresAt).toBeGreaterThan(Date.now() + INVITE_LIFE_MS - 60_000);
    return made.code;
  }

  async function tryRegister(node: ServiceNode, who: KeyedPerson, code?: string): Promise<object> {
    const at = greeting();
    const body = { ...(await who.registration(at)), ...(code !== undefined && { invite: code }) };
    return register(node.core, at, testAddress, body);
  }

  it('let in one account each, on any node, typed in any way', async () => {
    const code = await invite();
    const typed = code.toLowerCase().replaceAll('-', ' ');
    expect(await tryRegister(b, person(0), typed)).toHaveProperty('user');
    expect(await tryRegister(a, person(1), code)).toEqual(needed);
    await person(0).login(a.core);
  });

  it('are made at most so many a day, over all nodes', async () => {
    const limits = new InProcessRateLimits(new BucketTable(() => 0), new RelayGate());
    const spent: RateLimits = {
      take: async (key, rate, cost) =>
        key.startsWith('invites:') ? { allowed: false, retryAfterMs: 9_000 } : limits.take(key, rate, cost),
      giveBack: async () => undefined,
    };
    const node = await world.node({}, spent);
    expect(await administration.invite(node.core, {})).toMatchObject({ refused: 'busy' });
    await invite();
  });

  it('that are missing, made up, used or over are refused in the same words', async () => {
    const [used, late] = [await invite(), await invite()];
    await tryRegister(a, person(0), used);
    const madeUp = '0000-0000-0000-0000';
    for (const code of [undefined, '', 'no code at all', madeUp, used])
      expect(await tryRegister(b, person(1), code)).toEqual(needed);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + INVITE_LIFE_MS + 1 });
    expect(await tryRegister(b, person(1), late)).toEqual(needed);
  });

  it('let in one of those who use the same code at once on two nodes', async () => {
    const code = await invite();
    const outcomes = await Promise.all([0, 1, 2].map((i) => tryRegister(i === 1 ? b : a, person(i), code)));
    expect(outcomes.filter((outcome) => !isRefusal(outcome))).toHaveLength(1);
    expect(outcomes.filter(isRefusal)).toEqual([needed, needed]);
  });

  it('stay good for another name when the first was taken, and say nothing about names before', async () => {
    const [first, second] = [await invite(), await invite()];
    await tryRegister(a, person(0), first);
    // Without an invitation nobody learns which names exist.
    expect(await tryRegister(a, person(3), '0000-0000-0000-0000')).toEqual(needed);
    expect(await tryRegister(a, person(3), second)).toEqual({ refused: 'name_taken' });
    expect(await tryRegister(b, person(1), second)).toHaveProperty('user');
  });

  it('are not given back to one whose answer was lost: the account is there, the code is used', async () => {
    const code = await invite();
    accepted(await tryRegister(a, person(0), code));
    expect(await tryRegister(b, person(0), code)).toEqual({ refused: 'name_taken' });
    expect(await tryRegister(b, person(1), code)).toEqual(needed);
    await person(0).login(b.core);
  });

  it('are guessed no faster than accounts are registered', async () => {
    const hour = { count: 3, periodMs: 3_600_000, burst: 3 };
    const strict = await ServiceWorld.open({ registration: 'invite', rateRegistrationsAddress: hour });
    const node = await strict.node();
    const guess = (index: number) => tryRegister(node, person(0), `0000-0000-0000-000${index}`);
    const outcomes = [await guess(1), await guess(2), await guess(3), await guess(4)];
    expect(outcomes).toEqual([needed, needed, needed, expect.objectContaining({ refused: 'rate_limited' })]);
  });

  it('are kept as hashes alone', async () => {
    const code = await invite();
    const plain = parseInviteCode(code) ?? expect.unreachable();
    const kept = readFileSync(join(world.stores.dataDir, 'data.mdb'));
    expect(kept.includes(Buffer.from(purposeHash('invite-code', utf8(plain))))).toBe(true);
    for (const text of [code, plain]) expect(kept.includes(text)).toBe(false);
  });

  it('are made only where accounts are made by invitation', async () => {
    for (const registration of ['open', 'closed'] as const) {
      const other = await ServiceWorld.open({ registration });
      const node = await other.node();
      expect(await administration.invite(node.core, {})).toMatchObject({
        refused: 'not_by_invitation',
        message: expect.stringContaining(registration),
      });
    }
  });
});
