import type { RoomId } from '../../../src/protocol/ids.ts';
import { foldName, type RoomName } from '../../../src/protocol/names.ts';
import { filled } from '../../texts/filled.ts';
import { texts } from '../../texts/texts.ts';
import { type Membership, roomNameOf } from './membership.ts';
import type { ShownRoom } from './room-acts.ts';
import type { RoomBook } from './room-book.ts';

/** Shows a person what a room's name leads to, and takes the decision about exactly that. */
export class RoomInspection {
  readonly #book: RoomBook;
  readonly #membership: Membership;

  constructor(book: RoomBook, membership: Membership) {
    this.#book = book;
    this.#membership = membership;
  }

  /** How a room's name leads now, and what about that differs from what is pinned. */
  async inspect(room: string): Promise<ShownRoom> {
    const [book, membership] = [this.#book, this.#membership];
    const name = roomNameOf(room);
    const { password } = await membership.setting(name);
    const own = (await membership.refresh()).find((record) => foldName(record.name) === foldName(name));
    const pin = await book.pins.ofName(name);
    const id = own?.id ?? (pin?.renamed === undefined ? pin?.room : undefined);
    if (id !== undefined) return { name, id, password, fault: await this.#fault(name, id, password) };
    const fault =
      pin?.renamed === undefined
        ? undefined
        : filled(texts.local.former_name, { former: name, room: pin.renamed });
    return { name, id, password, fault };
  }

  /** Takes the name as it was shown to lead. Asks no server. */
  async trust({ name, id, password }: ShownRoom): Promise<void> {
    const { pins } = this.#book;
    if (id === undefined) await pins.release(name);
    else {
      await pins.accept(name, { room: id, password });
      await pins.forgetLife(id);
      await this.#book.epochs.acceptSplit(id);
    }
  }

  async #fault(name: RoomName, id: RoomId, password: number): Promise<string | undefined> {
    const { epochs, pins } = this.#book;
    const { split } = await epochs.of(id);
    const fault = await pins.fault(name, { room: id, password });
    return (
      fault ??
      (split === undefined ? undefined : filled(texts.local.two_epochs, { room: name, number: split.number }))
    );
  }
}
