import type { RoomId } from '../../../src/protocol/ids.ts';
import { HEADER_LAYOUT_FIRST, SUITE_FIRST } from '../../../src/protocol/limits.ts';
import { foldName, type RoomName } from '../../../src/protocol/names.ts';
import { filled } from '../../texts/filled.ts';
import { texts } from '../../texts/texts.ts';
import type { Link } from '../connection/link.ts';
import { type Membership, roomNameOf } from './membership.ts';
import type { ShownRoom } from './room-acts.ts';
import type { RoomBook } from './room-book.ts';
import { askToEnter } from './room-entry.ts';
import type { ToldVersions } from './room-pins.ts';

interface RoomInspectionOptions {
  readonly book: RoomBook;
  readonly link: Link;
  readonly membership: Membership;
  readonly timeoutMs: number | undefined;
}

/** Shows a person what a room's name leads to, and takes the decision about exactly that. */
export class RoomInspection {
  readonly #options: RoomInspectionOptions;

  constructor(options: RoomInspectionOptions) {
    this.#options = options;
  }

  /** How a room's name leads now, and what about that differs from what is pinned. */
  async inspect(room: string): Promise<ShownRoom> {
    const { book, membership } = this.#options;
    const name = roomNameOf(room);
    const { password } = await membership.setting(name);
    const own = (await membership.refresh()).find((record) => foldName(record.name) === foldName(name));
    const pin = await book.pins.ofName(name);
    const id = own?.id ?? (pin?.renamed === undefined ? pin?.room : undefined);
    const versions = own === undefined ? undefined : await this.#versions(own.id);
    if (id !== undefined) {
      const fault = await this.#fault(name, { id, password, versions });
      return { name, id, password, versions, fault };
    }
    const fault =
      pin?.renamed === undefined
        ? undefined
        : filled(texts.local.former_name, { former: name, room: pin.renamed });
    return { name, id, password, versions, fault };
  }

  /** Takes the name as it was shown to lead. Asks no server. */
  async trust({ name, id, password, versions }: ShownRoom): Promise<void> {
    const { epochs, pins } = this.#options.book;
    if (id === undefined) await pins.release(name);
    else {
      await pins.accept(name, { room: id, password }, versions);
      await pins.forgetLife(id);
      await epochs.acceptSplit(id);
    }
  }

  async #versions(id: RoomId): Promise<ToldVersions | undefined> {
    const { link, timeoutMs } = this.#options;
    const { info } = await link.limited(timeoutMs, askToEnter(link, id));
    if (info?.room !== id) return undefined;
    const { header = HEADER_LAYOUT_FIRST, password, suite = SUITE_FIRST, version } = info;
    return { password, rosterVersion: version, header, suite };
  }

  async #fault(
    name: RoomName,
    { id, password, versions }: Pick<ShownRoom, 'password' | 'versions'> & { readonly id: RoomId },
  ): Promise<string | undefined> {
    const { epochs, pins } = this.#options.book;
    const { split } = await epochs.of(id);
    const faults = [
      await pins.fault(name, { room: id, password }),
      versions && (await pins.wentBack(name, id, versions)),
      split && filled(texts.local.two_epochs, { room: name, number: split.number }),
    ].filter((fault) => fault !== undefined);
    return faults.length === 0 ? undefined : [...new Set(faults)].join('; ');
  }
}
