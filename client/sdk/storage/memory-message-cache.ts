import type { RoomId } from '../../../src/protocol/ids.ts';
import {
  CACHE_BYTES_MAX_DEFAULT,
  CACHE_SHARE_KEPT,
  type CacheChange,
  type CacheEntry,
  type CacheTerms,
  type MessageCache,
  oldestKept,
} from './message-cache.ts';

interface CachedRoom {
  terms: CacheTerms;
  readonly entries: Map<number, CacheEntry>;
}

/** A cache that lives as long as the page or the process. */
export class MemoryMessageCache implements MessageCache {
  readonly #bytesMax: number;
  readonly #rooms = new Map<RoomId, CachedRoom>();
  #bytes = 0;

  constructor(options: { readonly bytesMax?: number } = {}) {
    this.#bytesMax = options.bytesMax ?? CACHE_BYTES_MAX_DEFAULT;
  }

  get(room: RoomId, seq: number): Promise<Uint8Array | undefined> {
    const value = this.#rooms.get(room)?.entries.get(seq)?.value;
    return Promise.resolve(value === undefined ? undefined : new Uint8Array(value));
  }

  write(changes: readonly CacheChange[], now: number): Promise<void> {
    for (const { room, seq, at, value } of changes) {
      const cached = this.#rooms.get(room);
      if (cached === undefined) continue;
      this.#remove(cached, seq);
      if (value === undefined || seq <= cached.terms.after) continue;
      cached.entries.set(seq, { room, seq, at, value: new Uint8Array(value) });
      this.#bytes += value.length;
    }
    for (const cached of this.#rooms.values()) this.#prune(cached, now);
    this.#bound();
    return Promise.resolve();
  }

  terms(room: RoomId, terms: CacheTerms, now: number): Promise<void> {
    const cached = this.#rooms.get(room) ?? { terms, entries: new Map() };
    cached.terms = terms;
    this.#rooms.set(room, cached);
    this.#prune(cached, now);
    return Promise.resolve();
  }

  forget(room: RoomId): Promise<void> {
    for (const { value } of this.#rooms.get(room)?.entries.values() ?? []) this.#bytes -= value.length;
    this.#rooms.delete(room);
    return Promise.resolve();
  }

  clear(): Promise<void> {
    this.#rooms.clear();
    this.#bytes = 0;
    return Promise.resolve();
  }

  async *newest(room: RoomId | undefined, now: number): AsyncGenerator<CacheEntry, void, undefined> {
    const rooms = [...this.#rooms].filter(([id]) => room === undefined || id === room);
    const entries = rooms.flatMap(([, { terms, entries }]) =>
      [...entries.values()].filter(({ at }) => at >= oldestKept(terms, now)),
    );
    for (const entry of entries.sort((a, b) => b.at - a.at || b.seq - a.seq))
      yield { ...entry, value: new Uint8Array(entry.value) };
  }

  #prune(cached: CachedRoom, now: number): void {
    const oldest = oldestKept(cached.terms, now);
    for (const { seq, at } of cached.entries.values())
      if (at < oldest || seq <= cached.terms.after) this.#remove(cached, seq);
  }

  #bound(): void {
    if (this.#bytes <= this.#bytesMax) return;
    const entries = [...this.#rooms.values()].flatMap((cached) =>
      [...cached.entries.values()].map((entry) => ({ cached, entry })),
    );
    for (const { cached, entry } of entries.sort((a, b) => a.entry.at - b.entry.at)) {
      if (this.#bytes <= this.#bytesMax * CACHE_SHARE_KEPT) return;
      this.#remove(cached, entry.seq);
    }
  }

  #remove({ entries }: CachedRoom, seq: number): void {
    this.#bytes -= entries.get(seq)?.value.length ?? 0;
    entries.delete(seq);
  }
}
