import { beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { accepted } from '../../test/support/ports/prepared-send.ts';
import { roomNamed, type ServiceNode, ServiceWorld } from '../../test/support/ports/service-world.ts';
import { BucketTable } from '../adapters/embedded/in-process-rate-limits.ts';
import type { RateLimits } from '../ports/rate-limits.ts';
import type { Rate } from '../protocol/limits.ts';
import type { Caller } from './caller.ts';

const name = roomNamed('locked');
const salt = new Uint8Array(32).fill(1);
const right = new Uint8Array(32).fill(2);
const wrong = new Uint8Array(32).fill(3);

const perMinute = (count: number): Rate => ({ count, periodMs: 60_000, burst: count });
const perHour = (count: number): Rate => ({ count, periodMs: 3_600_000, burst: count });

describe('attempts at the password of a room', () => {
  let world: ServiceWorld;
  let node: ServiceNode;
  let nowMs: number;
  let givenBack: number;
  beforeEach(async () => {
    nowMs = 0;
    givenBack = 0;
    world = await ServiceWorld.open({
      ratePasswordUser: perMinute(5),
      ratePasswordShare: perHour(3),
      ratePasswordRoom: perMinute(30),
    });
    const table = new BucketTable(() => nowMs);
    const shared: RateLimits = {
      async take(key, rate, cost = 1) {
        return rate === 'off' ? { allowed: true } : table.take(key, rate, cost);
      },
      async giveBack(key, rate, cost = 1) {
        givenBack += 1;
        table.giveBack(key, rate, cost);
      },
    };
    node = await world.node({}, shared);
    const ann = await world.caller('ann');
    const body = { name, hidden: false, retention: 1, password: { salt, proof: right } };
    accepted(await node.requests.create(ann, body));
  });

  async function join(caller: Caller, proof: Uint8Array): Promise<string> {
    const outcome = await node.requests.join(caller, { name, proof });
    return 'refused' in outcome ? outcome.refused : 'joined';
  }

  /** How many of these attempts were looked at. */
  async function guesses(caller: Caller, count: number): Promise<number> {
    let looked = 0;
    for (let round = 0; round < count; round += 1)
      if ((await join(caller, wrong)) === 'no_such_room_or_password') looked += 1;
    return looked;
  }

  const accounts = (count: number): Promise<readonly Caller[]> =>
    Promise.all(Array.from({ length: count }, (_, index) => world.caller(`eve${index}`)));

  it('are refused to nobody who was not wrong, however many accounts guess', async () => {
    const attackers = await accounts(20);
    for (let minute = 0; minute < 5; minute += 1) {
      for (const attacker of attackers) await guesses(attacker, 6);
      const honest = await world.caller(`bob${minute}`);
      expect(await join(honest, wrong)).toBe('no_such_room_or_password');
      expect(await join(honest, right)).toBe('joined');
      nowMs += 60_000;
    }
  });

  it('stay within the limit of the room and a share of each account, together', async () => {
    const attackers = await accounts(20);
    let looked = 0;
    for (let minute = 0; minute < 30; minute += 1) {
      for (const attacker of attackers) looked += await guesses(attacker, 6);
      nowMs += 60_000;
    }
    // 20 shares, and what comes back of them in half an hour; the room's burst, and what comes back of it.
    expect(looked).toBeLessThanOrEqual(20 * (3 + 2) + 30 + 30 * 30);
    expect(looked).toBeGreaterThan(30 * 30);
  });

  it('of one user stay within the limit of the user', async () => {
    const [eve] = await accounts(1);
    expect(await guesses(eve ?? expect.unreachable(), 30)).toBe(5);
  });

  it('cost nothing when they are right', async () => {
    const bob = await world.caller('bob');
    for (let round = 0; round < 12; round += 1) {
      const before = givenBack;
      expect(await join(bob, right)).toBe(round === 0 ? 'joined' : 'already_a_member');
      await eventually(() => expect(givenBack).toBe(before + 2));
    }
    expect(await join(bob, wrong)).toBe('no_such_room_or_password');
  });

  it('by members draw on nothing that holds up others', async () => {
    const members = await accounts(12);
    for (const member of members) expect(await join(member, right)).toBe('joined');
    await eventually(() => expect(givenBack).toBe(24));
    for (const member of members) expect(await guesses(member, 6)).toBe(5);
    await eventually(() => expect(givenBack).toBe(24 + 60));
    const late = await world.caller('late');
    // Beyond its own share, which says that the room's limit is full.
    expect(await guesses(late, 5)).toBe(5);
  });
});
