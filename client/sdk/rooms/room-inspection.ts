import type { RoomInfo } from '../../../src/protocol/entities.ts';
import type { RoomId } from '../../../src/protocol/ids.ts';
import { EPOCH_GAP_MAX, HEADER_LAYOUT_FIRST, SUITE_FIRST } from '../../../src/protocol/limits.ts';
import { foldName } from '../../../src/protocol/names.ts';
import { filled } from '../../texts/filled.ts';
import { lifeRefusedText } from '../../texts/room-life-text.ts';
import { texts } from '../../texts/texts.ts';
import type { Link } from '../connection/link.ts';
import { localError } from '../errors.ts';
import { directUserName, type ShownRoomName } from '../shown-room-name.ts';
import type { DirectRooms } from './direct-rooms.ts';
import type { GivenUpEpochs } from './epoch-book.ts';
import { type Membership, roomNameOf } from './membership.ts';
import type { ShownRoom } from './room-acts.ts';
import type { RoomBook } from './room-book.ts';
import { askToEnter } from './room-entry.ts';
import type { ToldVersions } from './room-pins.ts';

interface RoomInspectionOptions {
  readonly book: RoomBook;
  readonly directs: DirectRooms;
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
    const { name, own, shown } = await this.#find(room);
    const { password } = await membership.setting(name);
    const pin = await book.pins.ofName(name);
    const id = own?.id ?? (pin?.renamed === undefined ? pin?.room : undefined);
    if (id === undefined) {
      const fault =
        pin?.renamed === undefined
          ? undefined
          : filled(texts.local.former_name, { former: name, room: pin.renamed });
      const unknown = { id, versions: undefined, epochs: undefined, lifeDiffers: false };
      return { room: shown, name, password, ...unknown, fault };
    }
    const info = own === undefined ? undefined : await this.#enter(id);
    const versions = info && versionsOf(info);
    const life = info && (await this.#lifeFault(info));
    const epochs = info && (await this.#epochFaults(shown, info));
    const faults = new Set([
      await book.pins.fault(name, { room: id, password }, shown),
      ...(versions === undefined ? [] : await book.pins.wentBack(shown, id, versions)),
      await this.#split(shown, id),
      ...(epochs?.faults ?? []),
      life,
    ]);
    faults.delete(undefined);
    const fault = faults.size === 0 ? undefined : [...faults].join('; ');
    return {
      ...{ room: shown, name, id, password, versions, fault },
      epochs: epochs?.givenUp,
      lifeDiffers: life !== undefined,
    };
  }

  /** `@NAME` stands for the direct room with that user. */
  async #find(room: string) {
    const { directs, membership } = this.#options;
    const user = directUserName(room);
    const direct = user === undefined ? undefined : await membership.idOf(room);
    const wanted = user === undefined ? roomNameOf(room) : undefined;
    const own = (await membership.refresh()).find(({ id, name }) =>
      wanted === undefined ? id === direct : foldName(name) === foldName(wanted),
    );
    const name = wanted ?? own?.name;
    if (name === undefined) throw localError('not_a_member', 'no_direct_room', { user: room.slice(1) });
    return { name, own, shown: own === undefined ? name : await directs.shownName(own.id, own) };
  }

  /** Takes the name as it was shown to lead. Asks no server. */
  async trust({ name, id, lifeDiffers, password, versions, epochs: givenUp }: ShownRoom): Promise<void> {
    const { epochs, pins } = this.#options.book;
    if (id === undefined) await pins.release(name);
    else {
      await pins.accept(name, { room: id, password }, versions);
      if (lifeDiffers) await pins.forgetLife(id);
      await epochs.acceptSplit(id);
      if (givenUp !== undefined) await epochs.accept(id, givenUp);
    }
  }

  async #enter(id: RoomId): Promise<RoomInfo | undefined> {
    const { link, timeoutMs } = this.#options;
    const { info } = await link.limited(timeoutMs, askToEnter(link, id));
    return info?.room === id ? info : undefined;
  }

  async #split(name: ShownRoomName, id: RoomId): Promise<string | undefined> {
    const { split } = await this.#options.book.epochs.of(id);
    return split && filled(texts.local.two_epochs, { room: name, number: split.number });
  }

  /** The server has not the epochs or not the keying that are known here, and no epoch can follow what it has. */
  async #epochFaults(
    name: ShownRoomName,
    { room, epoch: last = 0, suite }: RoomInfo,
  ): Promise<{ readonly faults: readonly string[]; readonly givenUp: GivenUpEpochs } | undefined> {
    const { book, link } = this.#options;
    if ((suite ?? SUITE_FIRST) === SUITE_FIRST) return undefined;
    const { highest, keying = 1 } = await book.epochs.of(room);
    const isBack = highest > last + EPOCH_GAP_MAX;
    const isWeaker = keying > 1 && !link.has('prekeys');
    const faults = [
      ...(isBack ? [filled(texts.local.epochs_back, { room: name, last, number: highest })] : []),
      ...(isWeaker ? [filled(texts.local.keying_back, { room: name })] : []),
    ];
    return { faults, givenUp: { last: isBack ? last : undefined, keying: isWeaker ? 1 : undefined } };
  }

  async #lifeFault({ life, room }: RoomInfo): Promise<string | undefined> {
    const { book, link } = this.#options;
    const pinned = await book.pins.lifeOf(room);
    // A gateway of an earlier release shows none, whatever the room has.
    if (pinned === undefined || (life === undefined && !link.has('room-life'))) return undefined;
    const { comparedLife } = await import('./life-judge.ts');
    const compared = comparedLife(life, pinned, room);
    return compared !== 'same' && 'fault' in compared
      ? lifeRefusedText({ kind: compared.fault, seconds: pinned.seconds })
      : undefined;
  }
}

function versionsOf({
  header = HEADER_LAYOUT_FIRST,
  password,
  suite = SUITE_FIRST,
  version,
}: RoomInfo): ToldVersions {
  return { password, rosterVersion: version, header, suite };
}
