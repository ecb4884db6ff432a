import type { LinkEntry, LinkStore } from '../../ports/link-store.ts';
import { SEALED_PART_BYTES_MAX } from '../../protocol/limits.ts';
import { bytesUpTo, map, uint } from '../../protocol/shape.ts';
import type { LmdbLink } from './lmdb-link.ts';
import { keyOf, NOTHING, NUMBER_BYTES } from './store-keys.ts';
import type { TableReader } from './store-tables.ts';
import { rowKind } from './stored-rows.ts';
import type { WriteView } from './write-lane.ts';

const entryRow = rowKind(map({ data: bytesUpTo(1 + SEALED_PART_BYTES_MAX), expiresAt: uint() }));

export class LmdbLinkStore implements LinkStore {
  readonly #link: LmdbLink;

  constructor(link: LmdbLink) {
    this.#link = link;
  }

  open(
    { channel, data }: Omit<LinkEntry, 'number'>,
    expiresAt: number,
    nowMs: number,
  ): Promise<'put' | 'taken'> {
    return this.#link.write('link_open', (view) =>
      added(view, { channel, number: 0, data }, expiresAt, nowMs),
    );
  }

  put(entry: LinkEntry, nowMs: number): Promise<'put' | 'taken' | 'none'> {
    return this.#link.write('link_put', (view) => {
      const first = entryAt(view, entry.channel, 0, nowMs);
      return first === undefined ? 'none' : added(view, entry, first.expiresAt, nowMs);
    });
  }

  read(channel: Uint8Array, number: number, nowMs: number): Promise<Uint8Array | 'waiting' | 'none'> {
    return this.#link.read('link_read', (reader) => {
      if (entryAt(reader, channel, 0, nowMs) === undefined) return 'none';
      return entryAt(reader, channel, number, nowMs)?.data ?? 'waiting';
    });
  }
}

/** Removes at most so many that are over; answers how many. */
export function expireLinks(view: WriteView, reader: TableReader, nowMs: number, max: number): number {
  const due = reader.keys('link-expiry', { start: keyOf(0), end: keyOf(nowMs), limit: max });
  for (const key of due) {
    view.remove('link-expiry', key);
    const entry = key.subarray(NUMBER_BYTES);
    const row = view.get('link-entries', entry);
    // The channel may have been opened again.
    if (row !== undefined && entryRow.decode(row).expiresAt <= nowMs) view.remove('link-entries', entry);
  }
  return due.length;
}

function added(
  view: WriteView,
  { channel, number, data }: LinkEntry,
  expiresAt: number,
  nowMs: number,
): 'put' | 'taken' {
  const there = entryAt(view, channel, number, nowMs);
  if (there !== undefined) return Buffer.compare(there.data, data) === 0 ? 'put' : 'taken';
  const key = entryKey(channel, number);
  view.put('link-entries', key, entryRow.encode({ data, expiresAt }));
  view.put('link-expiry', Buffer.concat([keyOf(expiresAt), key]), NOTHING);
  return 'put';
}

function entryAt(from: Pick<WriteView, 'get'>, channel: Uint8Array, number: number, nowMs: number) {
  const row = from.get('link-entries', entryKey(channel, number));
  const entry = row === undefined ? undefined : entryRow.decode(row);
  return entry === undefined || entry.expiresAt <= nowMs ? undefined : entry;
}

function entryKey(channel: Uint8Array, number: number): Buffer {
  return Buffer.concat([channel, keyOf(number)]);
}
