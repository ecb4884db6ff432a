import { describe, expect, test } from 'vitest';
import { Unavailable } from '../../src/ports/unavailable.ts';
import { newUser, type OpenRelayPair } from './support-relay.ts';

/** What every cache of revocations guarantees. */
export function revocationsContract(name: string, open: OpenRelayPair): void {
  describe(`revocations on ${name}`, () => {
    test('a cache that was not filled answers nothing, whatever was added', async () => {
      await using pair = await open();
      const user = newUser();
      await expect(pair.a.revocations.notBefore([user])).resolves.toBeUndefined();
      await pair.a.revocations.add([{ user, notBefore: 1000 }]);
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
      await pair.b.revocations.add([{ user, notBefore: 1000 }]);
      await pair.a.revocations.fill([]);
      await expect(pair.b.revocations.notBefore([user])).resolves.toBe(1000);
    });

    test('times are raised, never lowered, by add() and by fill()', async () => {
      await using pair = await open();
      const user = newUser();
      await pair.a.revocations.fill([{ user, notBefore: 1000 }]);
      await pair.b.revocations.add([{ user, notBefore: 3000 }]);
      await pair.a.revocations.add([{ user, notBefore: 2000 }]);
      await pair.b.revocations.fill([{ user, notBefore: 1500 }]);
      await expect(pair.a.revocations.notBefore([user])).resolves.toBe(3000);
    });

    test('of several, the latest time is told', async () => {
      await using pair = await open();
      const [early, late, none] = [newUser(), newUser(), newUser()];
      await pair.a.revocations.fill([
        { user: early, notBefore: 1000 },
        { user: late, notBefore: 2000 },
      ]);
      await expect(pair.b.revocations.notBefore([late, early, none])).resolves.toBe(2000);
      await expect(pair.b.revocations.notBefore([none, early])).resolves.toBe(1000);
    });

    test('thousands are filled at once', async () => {
      await using pair = await open();
      const users = Array.from({ length: 2500 }, newUser);
      await pair.a.revocations.fill(users.map((user, index) => ({ user, notBefore: index + 1 })));
      const asked = [0, 1200, 2499].map((index) => users[index] ?? newUser());
      const answers = await Promise.all(asked.map((user) => pair.b.revocations.notBefore([user])));
      expect(answers).toEqual([1, 1201, 2500]);
    });

    test('a closed backend throws Unavailable', async () => {
      await using pair = await open();
      await pair.a.close();
      await expect(pair.a.revocations.notBefore([newUser()])).rejects.toThrow(Unavailable);
      await expect(pair.a.revocations.add([{ user: newUser(), notBefore: 1 }])).rejects.toThrow(Unavailable);
    });
  });
}
