import { describe, expect, it, vi } from 'vitest';
import type { ClusterSecrets } from '../../src/ports/secret-store.ts';
import { Unavailable } from '../../src/ports/unavailable.ts';
import { bytes, type OpenStores } from './support-store.ts';

function anySecrets(): ClusterSecrets {
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
      const made: ClusterSecrets[] = [];
      const make = async (): Promise<ClusterSecrets> => {
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

    it('is unavailable after it was closed', async () => {
      await using stores = await open();
      const { secrets } = stores.a;
      await stores.a.close();
      await expect(secrets.ensure(async () => anySecrets())).rejects.toThrow(Unavailable);
    });
  });
}
