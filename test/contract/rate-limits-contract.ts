import { describe, expect, test } from 'vitest';
import { Unavailable } from '../../src/ports/unavailable.ts';
import type { Rate } from '../../src/protocol/limits.ts';
import { eventually, quickestWithin } from '../support/eventually.ts';
import { newUser, type OpenRelayPair } from './support-relay.ts';

const perHour: Rate = { count: 6, periodMs: 3_600_000, burst: 3 };

/** What every cluster-wide rate limit guarantees. */
export function rateLimitsContract(name: string, open: OpenRelayPair): void {
  describe(`rate limits on ${name}`, () => {
    test('a bucket holds its burst over all nodes, then says when to come back', async () => {
      await using pair = await open();
      const key = `test:${newUser()}`;
      for (const node of [pair.a, pair.b, pair.a])
        await expect(node.limits.take(key, perHour)).resolves.toEqual({ allowed: true });
      const refused = await pair.b.limits.take(key, perHour);
      expect(refused.allowed).toBe(false);
      const wait = refused.allowed ? 0 : refused.retryAfterMs;
      expect(Number.isSafeInteger(wait)).toBe(true);
      expect(wait).toBeGreaterThan(590_000);
      expect(wait).toBeLessThanOrEqual(600_000);
    });

    test('concurrent takes never get more than the burst', async () => {
      await using pair = await open();
      const key = `test:${newUser()}`;
      const outcomes = await Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          (index % 2 === 0 ? pair.a : pair.b).limits.take(key, perHour),
        ),
      );
      expect(outcomes.filter((outcome) => outcome.allowed)).toHaveLength(3);
    });

    test('buckets with other keys are untouched', async () => {
      await using pair = await open();
      const rate: Rate = { count: 1, periodMs: 3_600_000, burst: 1 };
      await expect(pair.a.limits.take(`test:${newUser()}`, rate)).resolves.toEqual({ allowed: true });
      await expect(pair.a.limits.take(`test:${newUser()}`, rate)).resolves.toEqual({ allowed: true });
    });

    test('tokens come back with time', async () => {
      await using pair = await open();
      const quick: Rate = { count: 10, periodMs: 1000, burst: 1 };
      await quickestWithin(2_000, async () => {
        const key = `test:${newUser()}`;
        await expect(pair.a.limits.take(key, quick)).resolves.toEqual({ allowed: true });
        const emptyMs = performance.now();
        await eventually(async () => expect((await pair.b.limits.take(key, quick)).allowed).toBe(true));
        return performance.now() - emptyMs;
      });
    });

    test('a cost takes that many tokens or none, and one above the burst needs a full bucket', async () => {
      await using pair = await open();
      const key = `test:${newUser()}`;
      await expect(pair.a.limits.take(key, perHour, 2)).resolves.toEqual({ allowed: true });
      expect((await pair.a.limits.take(key, perHour, 2)).allowed).toBe(false);
      await expect(pair.b.limits.take(key, perHour, 1)).resolves.toEqual({ allowed: true });
      const full = `test:${newUser()}`;
      await expect(pair.a.limits.take(full, perHour, 100)).resolves.toEqual({ allowed: true });
      expect((await pair.a.limits.take(full, perHour, 1)).allowed).toBe(false);
    });

    test('what is given back can be taken again, on any node, and never more than the burst', async () => {
      await using pair = await open();
      const key = `test:${newUser()}`;
      await expect(pair.a.limits.take(key, perHour, 3)).resolves.toEqual({ allowed: true });
      expect((await pair.b.limits.take(key, perHour)).allowed).toBe(false);
      await pair.b.limits.giveBack(key, perHour, 2);
      await expect(pair.a.limits.take(key, perHour, 2)).resolves.toEqual({ allowed: true });
      expect((await pair.b.limits.take(key, perHour)).allowed).toBe(false);
      for (let round = 0; round < 5; round += 1) await pair.a.limits.giveBack(key, perHour, 2);
      await expect(pair.b.limits.take(key, perHour, 3)).resolves.toEqual({ allowed: true });
      expect((await pair.a.limits.take(key, perHour)).allowed).toBe(false);
    });

    test('nothing is given back to a bucket that nothing was taken from', async () => {
      await using pair = await open();
      const key = `test:${newUser()}`;
      await pair.a.limits.giveBack(key, perHour, 3);
      await pair.a.limits.giveBack(key, 'off', 3);
      await expect(pair.b.limits.take(key, perHour, 3)).resolves.toEqual({ allowed: true });
      expect((await pair.b.limits.take(key, perHour)).allowed).toBe(false);
    });

    test('a rate that is off always allows, even when the service is closed', async () => {
      await using pair = await open();
      await pair.a.close();
      await expect(pair.a.limits.take('test:off', 'off', 1000)).resolves.toEqual({ allowed: true });
      await expect(pair.a.limits.take('test:on', perHour)).rejects.toThrow(Unavailable);
    });
  });
}
