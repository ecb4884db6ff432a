import { admit, type ChainEntry } from '../../../client/crypto/chain-ledger.ts';
import type { ChainName } from '../../../client/crypto/chain-store.ts';
import { MemoryChainStore } from '../../../client/crypto/memory-chain-store.ts';
import { notePage, readingOf } from '../../../client/crypto/page-reading.ts';
import type { ReadPage } from '../../../client/crypto/read-pieces.ts';
import { UnsettledMessages } from '../../../client/sdk/rooms/unsettled-messages.ts';
import type { RoomId } from '../../../src/protocol/ids.ts';
import { parseUserName } from '../../../src/protocol/names.ts';

/** A message whose signature holds. */
export interface ChainCopy {
  readonly name: ChainName;
  readonly entry: ChainEntry;
  readonly at: number;
}

/** A reader as RoomReader is one, of messages whose signatures hold. */
export class PageReader {
  readonly chains = new MemoryChainStore();
  readonly #room: RoomId;
  #unsettled = new UnsettledMessages();
  /** Position before which something was said to be missing, and how much. */
  readonly gaps: (readonly [seq: number, missing: number])[] = [];

  constructor(room: RoomId) {
    this.#room = room;
  }

  /** Another process, or the same one later: what it knows is on the disk. */
  restart(): void {
    this.#unsettled = new UnsettledMessages();
  }

  async open(copies: readonly ChainCopy[], page: ReadPage, readableAfter: number): Promise<void> {
    const reader = { chains: this.chains, page, readableAfter };
    const placed = copies.map(({ entry, at }) => ({ seq: entry.position, at }));
    const from = parseUserName('ann');
    if (from === undefined) throw new Error('the reader is broken');
    const opened = await this.chains.transaction(this.#room, (chains, _opened, read) => {
      if (copies.length > 0) notePage(read, reader, placed);
      const isRead = readingOf(read, reader);
      return copies.map(({ name, entry }) => ({
        name,
        entry,
        admission: admit(chains, name, entry, isRead),
      }));
    });
    for (const { name, entry, admission } of opened) {
      if (!admission.ok) throw new Error(`an honest message was refused: ${admission.reason}`);
      if (admission.unread) this.#unsettled.note(entry.position, name, from);
      if (admission.missing > 0) this.gaps.push([entry.position, admission.missing]);
    }
    for (const { seq, missing } of await this.#unsettled.gapsAbove(this.#room, reader, placed))
      this.gaps.push([seq, missing]);
  }
}
