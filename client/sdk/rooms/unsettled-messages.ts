import type { RoomId } from '../../../src/protocol/ids.ts';
import type { UserName } from '../../../src/protocol/names.ts';
import { beforeOf } from '../../crypto/chain-ledger.ts';
import type { ChainName } from '../../crypto/chain-store.ts';
import { notePage, readingOf } from '../../crypto/page-reading.ts';
import type { Reader, ReceivedCopy } from '../../crypto/suite.ts';

/** Beyond it those noted first are let go. */
const UNSETTLED_MAX = 256;

export interface Gap {
  readonly from: UserName;
  readonly missing: number;
  /** The position before which they are missing. */
  readonly seq: number;
}

/** Messages whose predecessors may stand at positions that were not read when they were opened. */
export class UnsettledMessages {
  readonly #noted = new Map<number, { readonly chain: ChainName; readonly from: UserName }>();

  note(seq: number, chain: ChainName, from: UserName): void {
    this.#noted.set(seq, { chain, from });
    const [oldest = seq] = this.#noted.keys();
    if (this.#noted.size > UNSETTLED_MAX) this.#noted.delete(oldest);
  }

  /** What a page that was opened just now shows to be missing before messages above it. */
  async gapsAbove(
    room: RoomId,
    reader: Pick<Reader, 'chains' | 'page' | 'readableAfter'>,
    copies: readonly Pick<ReceivedCopy, 'seq' | 'at'>[],
  ): Promise<readonly Gap[]> {
    const { chains: store, page } = reader;
    const above = [...this.#noted].filter(([seq]) => page !== undefined && seq > page.through);
    // A page of nothing is recorded here: there was nothing to open.
    if (above.length === 0 && copies.length > 0) return [];
    const found = await store.transaction(room, (chains, _opened, read) => {
      notePage(read, reader, copies);
      const isRead = readingOf(read, reader);
      return above.map(([seq, { chain, from }]) => ({ seq, from, ...beforeOf(chains, chain, seq, isRead) }));
    });
    for (const { seq, unread } of found) if (!unread) this.#noted.delete(seq);
    return found
      .filter(({ missing }) => missing > 0)
      .sort((a, b) => a.seq - b.seq)
      .map(({ seq, from, missing }) => ({ seq, from, missing }));
  }
}
