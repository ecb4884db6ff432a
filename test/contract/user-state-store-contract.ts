import { describe, expect, it } from 'vitest';
import type { StoredUserState } from '../../src/ports/user-state-store.ts';
import { USER_STATE_BYTES_MAX } from '../../src/protocol/limits.ts';
import { anyUserId, bytes, type OpenStores } from './support-store.ts';

/** What every store of users' states promises: src/ports/user-state-store.ts. */
export function userStateStoreContract(name: string, open: OpenStores): void {
  describe(`user state store of ${name}`, () => {
    const made = (version: number, length = 100): StoredUserState => ({
      ...{ version, sequence: 2, data: bytes(length) },
    });

    it('gives what was stored, on any node, to its user only', async () => {
      await using stores = await open();
      const [user, state] = [anyUserId(), made(1, USER_STATE_BYTES_MAX)];
      expect(await stores.b.userStates.get(user)).toBeUndefined();
      expect(await stores.a.userStates.put(user, state, 0)).toBe('stored');
      expect(await stores.b.userStates.get(user)).toStrictEqual(state);
      expect(await stores.b.userStates.get(anyUserId())).toBeUndefined();
    });

    it('replaces the version that its writer had seen, and no other', async () => {
      await using stores = await open();
      const [user, second] = [anyUserId(), made(7)];
      expect(await stores.a.userStates.put(user, second, 1)).toBe('conflict');
      expect(await stores.a.userStates.put(user, made(1), 0)).toBe('stored');
      expect(await stores.b.userStates.put(user, made(2), 0)).toBe('conflict');
      expect(await stores.b.userStates.put(user, second, 1)).toBe('stored');
      expect(await stores.a.userStates.put(user, made(3), 1)).toBe('conflict');
      expect(await stores.a.userStates.get(user)).toStrictEqual(second);
    });

    it('takes one of many writers that saw the same version', async () => {
      await using stores = await open();
      const user = anyUserId();
      for (const before of [0, 1]) {
        const states = Array.from({ length: 8 }, () => made(before + 1));
        const outcomes = await Promise.all(
          states.map((state, at) => (at % 2 === 0 ? stores.a : stores.b).userStates.put(user, state, before)),
        );
        expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(1);
        expect(await stores.b.userStates.get(user)).toStrictEqual(states[outcomes.indexOf('stored')]);
      }
    });

    it('removes it for good, and begins again from nothing', async () => {
      await using stores = await open();
      const [user, other] = [anyUserId(), anyUserId()];
      for (const each of [user, other]) await stores.a.userStates.put(each, made(1), 0);
      await stores.a.userStates.remove(user);
      await stores.a.userStates.remove(user);
      expect(await stores.b.userStates.get(user)).toBeUndefined();
      expect(await stores.b.userStates.get(other)).toBeDefined();
      expect(await stores.b.userStates.put(user, made(2), 1)).toBe('conflict');
      expect(await stores.b.userStates.put(user, made(1), 0)).toBe('stored');
    });
  });
}
