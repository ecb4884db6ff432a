import { describe, expect, test } from 'vitest';
import type { CacheChange, CacheEntry, MessageCache } from '../../client/sdk/storage/message-cache.ts';
import { utf8, utf8Text } from '../../src/protocol/bytes.ts';
import { parseRoomId, type RoomId } from '../../src/protocol/ids.ts';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 0, 31);

const roomOf = (digit: string): RoomId => parseRoomId(digit.repeat(32)) ?? expect.unreachable();
const [lobby, attic] = [roomOf('1'), roomOf('2')];
const month = { days: 30, after: 0 };

function entry(room: RoomId, seq: number, { at = NOW + seq, text = `${seq}` } = {}): CacheChange {
  return { room, seq, at, value: utf8(text) };
}

async function texts(cache: MessageCache, room?: RoomId, now = NOW): Promise<readonly string[]> {
  const found: CacheEntry[] = [];
  for await (const each of cache.newest(room, now)) found.push(each);
  return found.map(({ value }) => utf8Text(value) ?? expect.unreachable());
}

export interface CacheUnderTest extends AsyncDisposable {
  readonly cache: MessageCache;
  /** Another handle on the same records, as another process has it; the cache itself where nobody else can have one. */
  readonly other: MessageCache;
}

/** What every cache of opened messages has to do. */
export function messageCacheContract(
  name: string,
  open: (bytesMax?: number) => Promise<CacheUnderTest>,
): void {
  describe(`a cache of opened messages (${name})`, () => {
    test('gives back what was written, the latest value, and nothing that was removed', async () => {
      await using opened = await open();
      const { cache } = opened;
      await cache.terms(lobby, month, NOW);
      await cache.write([entry(lobby, 1), entry(lobby, 2), entry(lobby, 3)], NOW);
      await cache.write(
        [entry(lobby, 2, { text: 'two' }), { room: lobby, seq: 3, at: NOW, value: undefined }],
        NOW,
      );
      expect(await cache.get(lobby, 1)).toEqual(utf8('1'));
      expect(await cache.get(lobby, 2)).toEqual(utf8('two'));
      expect(await cache.get(lobby, 3)).toBeUndefined();
      expect(await cache.get(attic, 1)).toBeUndefined();
    });

    test('lists the newest first, over all rooms or of one', async () => {
      await using opened = await open();
      const { cache } = opened;
      for (const room of [lobby, attic]) await cache.terms(room, month, NOW);
      const numbers = Array.from({ length: 300 }, (_, i) => i + 1);
      await cache.write(
        numbers.map((n) => entry(n % 3 === 0 ? attic : lobby, n)),
        NOW,
      );
      expect(await texts(cache)).toEqual(numbers.toReversed().map(String));
      expect(await texts(cache, attic)).toEqual(
        numbers
          .filter((n) => n % 3 === 0)
          .toReversed()
          .map(String),
      );
    });

    test('takes nothing of a room without terms, so that a late write brings no room back', async () => {
      await using opened = await open();
      const { cache } = opened;
      await cache.write([entry(lobby, 1)], NOW);
      expect(await cache.get(lobby, 1)).toBeUndefined();
      await cache.terms(lobby, month, NOW);
      await cache.terms(attic, month, NOW);
      await cache.write([entry(lobby, 1), entry(attic, 1, { text: 'attic' })], NOW);
      await cache.forget(lobby);
      await cache.write([entry(lobby, 2)], NOW);
      expect(await texts(cache)).toEqual(['attic']);
      await cache.clear();
      await cache.write([entry(attic, 2)], NOW);
      expect(await texts(cache)).toEqual([]);
    });

    test('shows what was written and forgotten to every handle', async () => {
      await using opened = await open();
      const { cache, other } = opened;
      for (const room of [lobby, attic]) await cache.terms(room, month, NOW);
      await Promise.all([cache.write([entry(lobby, 1)], NOW), other.write([entry(attic, 2)], NOW)]);
      for (const handle of [cache, other]) expect(await texts(handle)).toEqual(['2', '1']);
      await other.forget(lobby);
      await cache.write([entry(lobby, 3)], NOW);
      for (const handle of [cache, other]) expect(await texts(handle)).toEqual(['2']);
      await cache.clear();
      expect(await texts(other)).toEqual([]);
      expect(await other.get(attic, 2)).toBeUndefined();
    });

    test('shares no bytes with its callers', async () => {
      await using opened = await open();
      const { cache } = opened;
      await cache.terms(lobby, month, NOW);
      const value = utf8('kept');
      await cache.write([{ room: lobby, seq: 1, at: NOW, value }], NOW);
      value.fill(0);
      (await cache.get(lobby, 1))?.fill(0);
      for await (const listed of cache.newest(lobby, NOW)) listed.value.fill(0);
      expect(await cache.get(lobby, 1)).toEqual(utf8('kept'));
    });

    test('never lists what is past its room’s retention, and drops it', async () => {
      await using opened = await open();
      const { cache } = opened;
      await cache.terms(lobby, { days: 2, after: 0 }, NOW);
      await cache.write([entry(lobby, 1, { at: NOW - DAY_MS }), entry(lobby, 2, { at: NOW })], NOW);
      const later = NOW + 1.5 * DAY_MS;
      expect(await texts(cache, undefined, later)).toEqual(['2']);
      await cache.write([entry(lobby, 3, { at: later })], later);
      expect(await cache.get(lobby, 1)).toBeUndefined();
      expect(await cache.get(lobby, 2)).toEqual(utf8('2'));
      await cache.terms(lobby, { days: 2, after: 0 }, later + DAY_MS);
      expect(await cache.get(lobby, 2)).toBeUndefined();
    });

    test('follows new terms at once: a shorter retention, a later joining position, nothing at all', async () => {
      await using opened = await open();
      const { cache } = opened;
      await cache.terms(lobby, month, NOW);
      await cache.write([entry(lobby, 1, { at: NOW - 5 * DAY_MS }), entry(lobby, 2), entry(lobby, 3)], NOW);
      await cache.terms(lobby, { days: 1, after: 0 }, NOW);
      expect(await cache.get(lobby, 1)).toBeUndefined();
      await cache.terms(lobby, { days: 1, after: 2 }, NOW);
      await cache.write([entry(lobby, 1)], NOW);
      expect(await texts(cache)).toEqual(['3']);
      await cache.terms(lobby, { days: 0, after: 2 }, NOW);
      await cache.write([entry(lobby, 4)], NOW);
      expect(await texts(cache)).toEqual([]);
    });

    test('keeps to its size: the oldest go first, whatever room they are of', async () => {
      const bytesMax = 100_000;
      await using opened = await open(bytesMax);
      const { cache } = opened;
      for (const room of [lobby, attic]) await cache.terms(room, month, NOW);
      const text = 'x'.repeat(1_000);
      for (let seq = 1; seq <= 400; seq += 50) {
        const numbers = Array.from({ length: 50 }, (_, i) => seq + i);
        await cache.write(
          numbers.map((n) => entry(n <= 30 ? attic : lobby, n, { text })),
          NOW,
        );
      }
      const kept: number[] = [];
      for await (const { seq } of cache.newest(undefined, NOW)) kept.push(seq);
      expect(kept.length).toBeGreaterThan(20);
      expect(kept.length * text.length).toBeLessThanOrEqual(bytesMax);
      expect(kept).toEqual(Array.from({ length: kept.length }, (_, i) => 400 - i));
    });
  });
}
