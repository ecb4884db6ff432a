import type { DirectRoom } from '../../../src/protocol/entities.ts';
import { pairOf, type RoomId, type UserId } from '../../../src/protocol/ids.ts';
import { directName, directNameInput } from '../../../src/protocol/layouts/direct-name.ts';
import { foldName, type RoomName, type UserName } from '../../../src/protocol/names.ts';
import { sha256 } from '../../crypto/web-crypto.ts';
import type { Link } from '../connection/link.ts';
import { ConclaveError, localError } from '../errors.ts';
import { fetchChain } from '../people/directory.ts';
import type { OwnAccount } from '../people/own-account.ts';
import type { People } from '../people/people.ts';
import type { ShownRoomName } from '../shown-room-name.ts';
import type { RoomRecord } from '../storage/records.ts';
import type { RoomPins } from './room-pins.ts';

/** With whom a room is a direct room. */
export interface DirectPerson {
  readonly user: UserId;
  readonly name: UserName;
}

export function shownRoomName(name: RoomName, person: DirectPerson | undefined): ShownRoomName {
  return person === undefined ? name : `@${person.name}`;
}

interface DirectRoomsOptions {
  readonly account: OwnAccount;
  readonly people: People;
  readonly pins: RoomPins;
  readonly link: Link;
  readonly timeoutMs: number | undefined;
}

/**
 * Decides which rooms are shown as direct rooms, and with whom: not by the server's word, but by the room's name, which has to be made
 * of both ids, and by whose name it is here.
 */
export class DirectRooms {
  readonly #options: DirectRoomsOptions;

  constructor(options: DirectRoomsOptions) {
    this.#options = options;
  }

  /** Undefined: the room is shown under its own name, as any other. */
  async personOf(
    room: RoomId,
    { name, direct }: Pick<RoomRecord, 'name' | 'direct'>,
  ): Promise<DirectPerson | undefined> {
    if (direct === undefined || !(await this.isNamedFor(name, direct))) return undefined;
    const { user, generation } = direct;
    if ((await this.#options.pins.direct(user, room, generation)) === 'former') return undefined;
    const known = await this.#nameOf(user);
    return known === undefined ? undefined : { user, name: known };
  }

  async shownName(room: RoomId, record: Pick<RoomRecord, 'name' | 'direct'>): Promise<ShownRoomName> {
    return shownRoomName(record.name, await this.personOf(room, record));
  }

  /** Whether the name is the one of a direct room with this user, of this generation. */
  async isNamedFor(name: RoomName, { user, generation }: DirectRoom): Promise<boolean> {
    const input = directNameInput(pairOf(this.#options.account.user, user), generation);
    return foldName(directName(await sha256(input))) === foldName(name);
  }

  /** A room that was a direct room stays one, whatever a server calls it. Rejects with `trust`. */
  async insist(name: RoomName, direct: DirectRoom | undefined): Promise<void> {
    if (direct === undefined || (await this.isNamedFor(name, direct))) return;
    const user = await this.#options.people.nameOf(direct.user);
    throw localError('trust', 'direct_changed', { room: name, user });
  }

  /** Whose name it is, and nobody else's; somebody of whom nothing is held is looked up. */
  async #nameOf(user: UserId): Promise<UserName | undefined> {
    const { link, people, timeoutMs } = this.#options;
    const held = await people.ownedName(user);
    if (held !== undefined || (await people.isHeld(user))) return held;
    try {
      const { chain } = await fetchChain(link, { user }, 0, timeoutMs);
      const signed = chain.at(-1);
      const identity = signed === undefined ? undefined : await people.verified(signed);
      if (signed === undefined || identity === undefined) return undefined;
      await people.observe(user, identity.document.username, signed);
    } catch (error) {
      // It has its own name until the server can be asked.
      if (!(error instanceof ConclaveError)) throw error;
    }
    return people.ownedName(user);
  }
}
