import { describe, expect, it } from 'vitest';
import { Unavailable } from '../../src/ports/unavailable.ts';
import { bytes, dayMs, type OpenStores } from './support-store.ts';

/** What every store of channels promises: src/ports/link-store.ts. */
export function linkStoreContract(name: string, open: OpenStores): void {
  describe(`link store of ${name}`, () => {
    const now = Date.now();
    /** Long after the test, however slow the machine: stores remove by their own clock what is over. */
    const over = now + dayMs;

    it('passes entries on, in any order, on any node', async () => {
      await using stores = await open();
      const channel = bytes(16);
      const [first, second, last] = [bytes(32), bytes(64), bytes(2_000)];
      expect(await stores.a.links.open({ channel, data: first }, over, now)).toBe('put');
      expect(await stores.b.links.put({ channel, number: 19, data: last }, now)).toBe('put');
      expect(await stores.b.links.read(channel, 1, now)).toBe('waiting');
      expect(await stores.b.links.put({ channel, number: 1, data: second }, now)).toBe('put');
      const read = await Promise.all([0, 1, 19].map((number) => stores.a.links.read(channel, number, now)));
      expect(read).toStrictEqual([first, second, last]);
    });

    it('keeps the first entry of a number, and takes the same bytes again', async () => {
      await using stores = await open();
      const channel = bytes(16);
      const [first, other] = [bytes(32), bytes(32)];
      expect(await stores.a.links.open({ channel, data: first }, over, now)).toBe('put');
      expect(await stores.b.links.open({ channel, data: first }, over, now)).toBe('put');
      expect(await stores.b.links.open({ channel, data: other }, over, now)).toBe('taken');
      const outcomes = await Promise.all(
        [first, other].map((data, at) =>
          (at === 0 ? stores.a : stores.b).links.put({ channel, number: 1, data }, now),
        ),
      );
      expect([...outcomes].sort()).toStrictEqual(['put', 'taken']);
      expect(await stores.a.links.read(channel, 0, now)).toStrictEqual(first);
    });

    it('knows no channel that nobody opened, and none that is over, until it is opened again', async () => {
      await using stores = await open();
      const channel = bytes(16);
      const entry = { channel, number: 1, data: bytes(64) };
      expect(await stores.a.links.put(entry, now)).toBe('none');
      expect(await stores.a.links.read(channel, 0, now)).toBe('none');
      await stores.a.links.open({ channel, data: bytes(32) }, over, now);
      await stores.a.links.put(entry, now);
      expect(await stores.b.links.read(channel, 1, over - 1)).toStrictEqual(entry.data);
      expect(await stores.b.links.read(channel, 1, over)).toBe('none');
      expect(await stores.b.links.put({ ...entry, number: 3 }, over)).toBe('none');
      const fresh = bytes(32);
      expect(await stores.b.links.open({ channel, data: fresh }, over + dayMs, over)).toBe('put');
      expect(await stores.a.links.read(channel, 0, over)).toStrictEqual(fresh);
      expect(await stores.a.links.read(channel, 1, over)).toBe('waiting');
    });

    it('is unavailable after it was closed', async () => {
      await using stores = await open();
      const { links } = stores.a;
      await stores.a.close();
      const [channel, data] = [bytes(16), bytes(32)];
      await expect(links.open({ channel, data }, over, now)).rejects.toThrow(Unavailable);
      await expect(links.put({ channel, number: 1, data }, now)).rejects.toThrow(Unavailable);
      await expect(links.read(channel, 0, now)).rejects.toThrow(Unavailable);
    });
  });
}
