import type { Collection } from 'mongodb';
import type { LinkEntry, LinkStore } from '../../ports/link-store.ts';
import { sameBytes } from '../../protocol/bytes.ts';
import { insertNew } from './duplicate-key.ts';
import type { MongoLink } from './mongo-link.ts';
import { copied } from './stored-value.ts';

interface EntryDocument extends LinkEntry {
  readonly expiresAt: Date;
}

export class MongoLinkStore implements LinkStore {
  readonly #link: MongoLink;
  readonly #entries: Collection<EntryDocument>;

  constructor(link: MongoLink) {
    this.#link = link;
    this.#entries = link.db.collection('link_entries');
  }

  open(
    { channel, data }: Omit<LinkEntry, 'number'>,
    expiresAt: number,
    nowMs: number,
  ): Promise<'put' | 'taken'> {
    return this.#link.run('link_open', async () => {
      await this.#entries.deleteMany({ channel, expiresAt: { $lte: new Date(nowMs) } });
      return this.#added({ channel, number: 0, data, expiresAt: new Date(expiresAt) });
    });
  }

  put(entry: LinkEntry, nowMs: number): Promise<'put' | 'taken' | 'none'> {
    return this.#link.run('link_put', async () => {
      const first = await this.#at(entry.channel, 0, nowMs);
      return first === null ? 'none' : this.#added({ ...entry, expiresAt: first.expiresAt });
    });
  }

  read(channel: Uint8Array, number: number, nowMs: number): Promise<Uint8Array | 'waiting' | 'none'> {
    return this.#link.run('link_read', async () => {
      const found = await this.#at(channel, number, nowMs);
      if (found !== null) return copied(found.data);
      return (await this.#at(channel, 0, nowMs)) === null ? 'none' : 'waiting';
    });
  }

  async #added(document: EntryDocument): Promise<'put' | 'taken'> {
    if (await insertNew(this.#entries, document)) return 'put';
    const { channel, number, data } = document;
    const there = await this.#entries.findOne({ channel, number });
    return there !== null && sameBytes(copied(there.data), data) ? 'put' : 'taken';
  }

  #at(channel: Uint8Array, number: number, nowMs: number): Promise<EntryDocument | null> {
    return this.#entries.findOne({ channel, number, expiresAt: { $gt: new Date(nowMs) } });
  }
}
