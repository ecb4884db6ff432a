import { describe, expect, it, vi } from 'vitest';
import type { StoredSecrets } from '../../src/ports/secret-store.ts';
import { Unavailable } from '../../src/ports/unavailable.ts';
import { bytes, type OpenStores } from './support-store.ts';

function anySecrets(): StoredSecrets {
  return {
    tokenSecrets: [
      { number: 1, secret: bytes(32), acceptedUntil: Date.now() },
      { number: 2, secret: bytes(32) },
    ],
    decoySecret: bytes(32),
    decoyKeys: [bytes(294), bytes(294)],
  };
}

/** What every secret store promises: src/ports/secret-store.ts. */
export function secretStoreContract(name: string, open: OpenStores): void {
  describe(`secret store of ${name}`, () => {
    it('keeps the first secrets and gives them to everybody', async () => {
      await using stores = await open();
      const secrets = anySecrets();
      expect(await stores.a.secrets.ensure(async () => secrets)).toEqual(secrets);
      const make = vi.fn(async () => anySecrets());
      expect(await stores.b.secrets.ensure(make)).toEqual(secrets);
      expect(await stores.a.secrets.ensure(make)).toEqual(secrets);
      expect(make).not.toHaveBeenCalled();
    });

    it('lets one of several first callers win, for all of them', async () => {
      await using stores = await open();
      const made: StoredSecrets[] = [];
      const make = async (): Promise<StoredSecrets> => {
        const secrets = anySecrets();
        made.push(secrets);
        return secrets;
      };
      const given = await Promise.all(
        [stores.a, stores.b, stores.a, stores.b].map((store) => store.secrets.ensure(make)),
      );
      for (const secrets of given) expect(secrets).toEqual(given[0]);
      expect(made).toContainEqual(given[0]);
    });

    it('keeps nothing when the secrets can not be made', async () => {
      await using stores = await open();
      const failure = new Error('no entropy');
      await expect(
        stores.a.secrets.ensure(async () => {
          throw failure;
        }),
      ).rejects.toBe(failure);
      const secrets = anySecrets();
      expect(await stores.b.secrets.ensure(async () => secrets)).toEqual(secrets);
    });

    it('shows what is kept, and nothing before there is anything', async () => {
      await using stores = await open();
      expect(await stores.a.secrets.read()).toBeUndefined();
      expect(await stores.a.secrets.replaceTokenSecrets(0, [])).toBe('conflict');
      expect(await stores.b.secrets.read()).toBeUndefined();
      const secrets = anySecrets();
      await stores.a.secrets.ensure(async () => secrets);
      expect(await stores.b.secrets.read()).toEqual(secrets);
    });

    it('replaces the token secrets while the last one is the one that was seen, and never the decoys', async () => {
      await using stores = await open();
      const secrets = anySecrets();
      await stores.a.secrets.ensure(async () => secrets);
      const next = (number: number) => [
        { number: number - 1, secret: bytes(32), acceptedUntil: Date.now() },
        { number, secret: bytes(32) },
      ];
      for (const last of [0, 1, 3])
        expect(await stores.b.secrets.replaceTokenSecrets(last, next(4))).toBe('conflict');
      expect(await stores.a.secrets.read()).toEqual(secrets);
      const third = next(3);
      expect(await stores.b.secrets.replaceTokenSecrets(2, third)).toBe('replaced');
      expect(await stores.a.secrets.read()).toEqual({ ...secrets, tokenSecrets: third });
      expect(await stores.a.secrets.replaceTokenSecrets(2, next(3))).toBe('conflict');
      expect(await stores.b.secrets.ensure(async () => anySecrets())).toEqual({
        ...secrets,
        tokenSecrets: third,
      });
    });

    it('lets one of those win who replace at once', async () => {
      await using stores = await open();
      await stores.a.secrets.ensure(async () => anySecrets());
      const rivals = Array.from({ length: 8 }, () => [{ number: 3, secret: bytes(32) }]);
      const outcomes = await Promise.all(
        rivals.map((rival, i) => (i % 2 === 0 ? stores.a : stores.b).secrets.replaceTokenSecrets(2, rival)),
      );
      expect(outcomes.filter((outcome) => outcome === 'replaced')).toHaveLength(1);
      const kept = await stores.b.secrets.read();
      expect(kept?.tokenSecrets).toEqual(rivals[outcomes.indexOf('replaced')]);
    });

    it('is unavailable after it was closed', async () => {
      await using stores = await open();
      const { secrets } = stores.a;
      await stores.a.close();
      await expect(secrets.ensure(async () => anySecrets())).rejects.toThrow(Unavailable);
      await expect(secrets.read()).rejects.toThrow(Unavailable);
      await expect(secrets.replaceTokenSecrets(1, [])).rejects.toThrow(Unavailable);
    });
  });
}
