import { describe, expect, it } from 'vitest';
import { Unavailable } from '../../src/ports/unavailable.ts';
import { bytes, dayMs, type OpenStores } from './support-store.ts';

/** What every store of invitations promises: src/ports/invite-store.ts. */
export function inviteStoreContract(name: string, open: OpenStores): void {
  describe(`invite store of ${name}`, () => {
    const now = Date.now();
    const anyInvite = () => ({ hash: bytes(32), expiresAt: now + dayMs });

    it('lets one claimant have an invitation, again and again, and nobody else', async () => {
      await using stores = await open();
      const invite = anyInvite();
      const [first, second] = [bytes(32), bytes(32)];
      await stores.a.invites.add(invite);
      expect(await stores.b.invites.claim(invite.hash, first, now)).toBe(true);
      expect(await stores.a.invites.claim(invite.hash, second, now)).toBe(false);
      expect(await stores.a.invites.claim(invite.hash, first, now)).toBe(true);
    });

    it('gives an invitation to exactly one of many who claim it at once on two nodes', async () => {
      await using stores = await open();
      for (let round = 0; round < 5; round += 1) {
        const invite = anyInvite();
        await stores.a.invites.add(invite);
        const claims = await Promise.all(
          Array.from({ length: 20 }, (_, i) =>
            (i % 2 === 0 ? stores.a : stores.b).invites.claim(invite.hash, bytes(32), now),
          ),
        );
        expect(claims.filter(Boolean)).toHaveLength(1);
      }
    });

    it('knows no invitation that was never made, and none that is over', async () => {
      await using stores = await open();
      const invite = anyInvite();
      const claimant = bytes(32);
      await stores.a.invites.add(invite);
      expect(await stores.a.invites.claim(bytes(32), claimant, now)).toBe(false);
      expect(await stores.b.invites.claim(invite.hash, claimant, invite.expiresAt)).toBe(false);
      expect(await stores.b.invites.claim(invite.hash, claimant, invite.expiresAt - 1)).toBe(true);
      expect(await stores.a.invites.claim(invite.hash, claimant, invite.expiresAt)).toBe(false);
    });

    it('takes back what its claimant does not need, and nothing from anybody else', async () => {
      await using stores = await open();
      const invite = anyInvite();
      const [first, second] = [bytes(32), bytes(32)];
      await stores.a.invites.add(invite);
      await stores.a.invites.claim(invite.hash, first, now);
      await stores.b.invites.release(invite.hash, second);
      await stores.b.invites.release(bytes(32), first);
      expect(await stores.b.invites.claim(invite.hash, second, now)).toBe(false);
      await stores.b.invites.release(invite.hash, first);
      expect(await stores.a.invites.claim(invite.hash, second, now)).toBe(true);
    });

    it('keeps a claim when the same invitation is added again', async () => {
      await using stores = await open();
      const invite = anyInvite();
      await stores.a.invites.add(invite);
      await stores.a.invites.claim(invite.hash, bytes(32), now);
      await stores.b.invites.add(invite);
      expect(await stores.b.invites.claim(invite.hash, bytes(32), now)).toBe(false);
    });

    it('is unavailable after it was closed', async () => {
      await using stores = await open();
      const { invites } = stores.a;
      await stores.a.close();
      await expect(invites.add(anyInvite())).rejects.toThrow(Unavailable);
      await expect(invites.claim(bytes(32), bytes(32), now)).rejects.toThrow(Unavailable);
      await expect(invites.release(bytes(32), bytes(32))).rejects.toThrow(Unavailable);
    });
  });
}
