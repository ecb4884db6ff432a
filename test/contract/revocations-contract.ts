import { describe, expect, test } from 'vitest';
import { REVOCATIONS_CACHED_MAX } from '../../src/ports/revocations.ts';
import { Unavailable } from '../../src/ports/unavailable.ts';
import { newUser, type OpenRelayPair } from './support-relay.ts';

/** Young enough to matter: what is over may be forgotten at any time. */
const base = Date.now();

/** What every cache of revocations guarantees. */
export function revocationsContract(name: string, open: OpenRelayPair): void {
  describe(`revocations on ${name}`, () => {
    test('a cache that was not filled answers nothing, whatever was added', async () => {
      await using pair = await open();
      const user = newUser();
      await expect(pair.a.revocations.notBefore([user])).resolves.toBeUndefined();
      await pair.a.revocations.add([{ user, notBefore: base + 1000 }]);
      await expect(pair.a.revocations.notBefore([user])).resolves.toBeUndefined();
    });

    test('a filled cache answers on every node, 0 for those who are not in it', async () => {
      await using pair = await open();
      const user = newUser();
      const at = Date.now();
      await pair.a.revocations.fill([{ user, notBefore: at }]);
      await expect(pair.b.revocations.notBefore([user])).resolves.toBe(at);
      await expect(pair.b.revocations.notBefore([newUser()])).resolves.toBe(0);
    });

    test('what was added before the cache was filled is kept, and an empty fill completes it', async () => {
      await using pair = await open();
      const user = newUser();
      await pair.b.revocations.add([{ user, notBefore: base + 1000 }]);
      await pair.a.revocations.fill([]);
      await expect(pair.b.revocations.notBefore([user])).resolves.toBe(base + 1000);
    });

    test('times are raised, never lowered, by add() and by fill()', async () => {
      await using pair = await open();
      const user = newUser();
      await pair.a.revocations.fill([{ user, notBefore: base + 1000 }]);
      await pair.b.revocations.add([{ user, notBefore: base + 3000 }]);
      await pair.a.revocations.add([{ user, notBefore: base + 2000 }]);
      await pair.b.revocations.fill([{ user, notBefore: base + 1500 }]);
      await expect(pair.a.revocations.notBefore([user])).resolves.toBe(base + 3000);
    });

    test('of several, the latest time is told', async () => {
      await using pair = await open();
      const [early, late, none] = [newUser(), newUser(), newUser()];
      await pair.a.revocations.fill([
        { user: early, notBefore: base + 1000 },
        { user: late, notBefore: base + 2000 },
      ]);
      await expect(pair.b.revocations.notBefore([late, early, none])).resolves.toBe(base + 2000);
      await expect(pair.b.revocations.notBefore([none, early])).resolves.toBe(base + 1000);
    });

    test('thousands are filled at once', async () => {
      await using pair = await open();
      const users = Array.from({ length: 2500 }, newUser);
      await pair.a.revocations.fill(users.map((user, index) => ({ user, notBefore: base + index + 1 })));
      const asked = [0, 1200, 2499].map((index) => users[index] ?? newUser());
      const answers = await Promise.all(asked.map((user) => pair.b.revocations.notBefore([user])));
      expect(answers).toEqual([base + 1, base + 1201, base + 2500]);
    });

    test('a cache that grows too large forgets everything and says so, until it is filled again', async () => {
      await using pair = await open();
      const user = newUser();
      await pair.a.revocations.fill([{ user, notBefore: base + 1000 }]);
      const many = Array.from({ length: REVOCATIONS_CACHED_MAX + 1 }, newUser);
      // Young ones: none may be forgotten for its age.
      const notBefore = Date.now();
      await pair.a.revocations.add(many.map((each) => ({ user: each, notBefore })));
      await pair.b.revocations.add([{ user: newUser(), notBefore }]);
      await expect(pair.b.revocations.notBefore([user])).resolves.toBeUndefined();
      await pair.b.revocations.fill([{ user, notBefore: base + 2000 }]);
      await expect(pair.a.revocations.notBefore([user])).resolves.toBe(base + 2000);
    });

    test('a closed backend throws Unavailable', async () => {
      await using pair = await open();
      await pair.a.close();
      await expect(pair.a.revocations.notBefore([newUser()])).rejects.toThrow(Unavailable);
      await expect(pair.a.revocations.add([{ user: newUser(), notBefore: base + 1 }])).rejects.toThrow(
        Unavailable,
      );
    });
  });
}
