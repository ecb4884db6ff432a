import { sameBytes, toHex } from '../../../src/protocol/bytes.ts';
import { userId } from '../../../src/protocol/entities.ts';
import type { RoomId, UserId } from '../../../src/protocol/ids.ts';
import { EPOCH_KEY_BYTES, HASH_BYTES } from '../../../src/protocol/limits.ts';
import {
  bool,
  bytes,
  bytesUpTo,
  list,
  map,
  optional,
  type Parsed,
  text,
  uint,
} from '../../../src/protocol/shape.ts';
import type { HeldEpoch } from '../../crypto/suite.ts';
import { deleteRecord, getRecord, packRecord, parseRecord } from '../storage/records.ts';
import type { StateStore } from '../storage/state-store.ts';

/** Epochs of one room that are remembered after their keys are gone; with more, the oldest are forgotten. */
export const EPOCHS_KEPT_MAX = 4_096;
const ACCEPTED_KEPT_MAX = 64;
/** Members that are named because their long-term keys open an epoch. */
const PLAIN_MEMBERS_KEPT_MAX = 256;

const DAY_MS = 86_400_000;
/** Messages that were on their way when an epoch came to its end are opened, whatever the room's retention. */
const LATE_MESSAGES_MS = 3_600_000;

/** `epochs/ROOM-ID.n.NUMBER`. The numbers are padded, so that a list has them in their order. */
const epochRecord = map({
  recordHash: bytes(HASH_BYTES),
  rosterVersion: uint(),
  recipients: bytes(HASH_BYTES),
  passwordNumber: uint(),
  keying: uint(),
  committer: userId,
  commitment: bytes(HASH_BYTES),
  /** When it was made, as this client can best tell. Milliseconds since 1970 UTC, like `usedAt`. */
  madeAt: uint(),
  /** Absent: it did not open, or was deleted. */
  key: optional(bytes(EPOCH_KEY_BYTES)),
  /** Why it did not open. */
  fault: optional(text(32)),
  /** The last message under it that was seen here, or when a later epoch took its place. */
  usedAt: uint(),
  /** Days that the key is kept after that: the room's retention as it was first told, or a shorter one that the user was told since. */
  days: uint(),
  /** Members whose long-term keys alone open it, as far as known here. */
  plain: list(userId, PLAIN_MEMBERS_KEPT_MAX),
  /** A person accepted that the server does not have it: its messages stay readable, and it counts for nothing else. */
  isPast: optional(bool),
});
export type KnownEpoch = Parsed<typeof epochRecord> & { readonly number: number };

/** `epochs/#ROOM-ID` */
const epochsRecord = map({
  /** The highest that opened or was made here, and H(record) of it. */
  highest: uint(),
  recordHash: bytesUpTo(HASH_BYTES),
  /** The highest keying of an epoch that opened or was made here. */
  keying: optional(uint()),
  /** The number of which the server showed two records, and the one that is not believed. */
  split: optional(map({ number: uint(), recordHash: bytes(HASH_BYTES) })),
  /** Such records that a person has accepted, the last one last. */
  accepted: optional(list(bytes(HASH_BYTES), ACCEPTED_KEPT_MAX)),
  /** When the user made an epoch for want of an openable one. */
  repairedAt: optional(uint()),
});
export type RoomEpochsState = Parsed<typeof epochsRecord>;

/** What a person gives up of the epochs of a room. */
export interface GivenUpEpochs {
  /** The server has none with a higher number. */
  readonly last: number | undefined;
  /** The strongest keying that the server offers. */
  readonly keying: number | undefined;
}

/** `epochs/ROOM-ID.c.COMMITMENT`: the number of the epoch that had this commitment first. */
const commitmentRecord = map({ number: uint() });

/** What a profile knows of the epochs of its rooms, and their keys for as long as those are kept. */
export class EpochBook {
  readonly #state: StateStore;

  constructor(state: StateStore) {
    this.#state = state;
  }

  async find(room: RoomId, number: number): Promise<KnownEpoch | undefined> {
    const record = await getRecord(this.#state, 'epochs', keyOf(room, number), epochRecord);
    return record === undefined ? undefined : { ...record, number };
  }

  async of(room: RoomId): Promise<RoomEpochsState> {
    const known = await getRecord(this.#state, 'epochs', `#${room}`, epochsRecord);
    return known ?? { highest: 0, recordHash: new Uint8Array(0) };
  }

  /** Whether an epoch of another number in this room has this commitment. */
  async isReused(room: RoomId, commitment: Uint8Array, number: number): Promise<boolean> {
    const known = await getRecord(this.#state, 'epochs', commitmentKey(room, commitment), commitmentRecord);
    return known !== undefined && known.number !== number;
  }

  /**
   * Keeps an epoch. `differs`: another record of this number is known, and stays. What was deleted stays deleted; what did not open
   * before may open now.
   */
  async put(room: RoomId, { number, ...epoch }: KnownEpoch): Promise<'kept' | 'differs'> {
    await this.#state.update('epochs', commitmentKey(room, epoch.commitment), (stored) =>
      stored === undefined
        ? { value: packRecord(commitmentRecord, { number }), result: undefined }
        : { result: undefined },
    );
    const kept = await this.#state.update('epochs', keyOf(room, number), (stored) => {
      const found = parseRecord(epochRecord, stored);
      const isSame = found !== undefined && sameBytes(found.recordHash, epoch.recordHash);
      if (isSame && found.isPast === true) return { result: 'past' as const };
      const known = found?.isPast === true ? undefined : found;
      if (known !== undefined && !isSame) return { result: 'differs' as const };
      const isBetter = known === undefined || (known.fault !== undefined && epoch.key !== undefined);
      // Whoever made it knows for whom it is without a prekey; the server may have shown it here before the maker could note that.
      const isFuller = known !== undefined && epoch.plain.length > known.plain.length;
      const value = isBetter ? epoch : isFuller ? { ...known, plain: epoch.plain } : undefined;
      const result = 'kept' as const;
      return value === undefined ? { result } : { value: packRecord(epochRecord, value), result };
    });
    if (kept === 'past') return 'kept';
    if (kept === 'differs' || epoch.key === undefined) return kept;
    await this.#supersede(room, number, epoch);
    await this.#change(room, (now) =>
      epoch.keying > (now.keying ?? 0) ? { ...now, keying: epoch.keying } : now,
    );
    return kept;
  }

  /** The time of the epoch that was the highest ends no earlier than that of this one begins. */
  async #supersede(
    room: RoomId,
    number: number,
    { recordHash, usedAt }: Parsed<typeof epochRecord>,
  ): Promise<void> {
    const { highest } = await this.of(room);
    if (number <= highest) return;
    await this.#changeEpoch(room, highest, (former) => ({
      ...former,
      usedAt: Math.max(former.usedAt, usedAt),
    }));
    await this.#change(room, (now) => (number > now.highest ? { ...now, highest: number, recordHash } : now));
  }

  /**
   * The server showed this record besides the one that is known: nothing is sent in the room until a person accepts that. False: it is
   * known already, or accepted.
   */
  async split(room: RoomId, number: number, recordHash: Uint8Array): Promise<boolean> {
    const isNew = ({ split, accepted = [] }: RoomEpochsState): boolean =>
      split?.number !== number && !accepted.some((hash) => sameBytes(hash, recordHash));
    if (!isNew(await this.of(room))) return false;
    await this.#change(room, (now) => (isNew(now) ? { ...now, split: { number, recordHash } } : now));
    return true;
  }

  /** A person takes it that the server showed two epochs. */
  async acceptSplit(room: RoomId): Promise<void> {
    await this.#change(room, (known) => {
      const { split, ...now } = known;
      if (split === undefined) return known;
      return { ...now, accepted: [...(now.accepted ?? []), split.recordHash].slice(-ACCEPTED_KEPT_MAX) };
    });
  }

  /**
   * A person takes it that the server has no epochs above `last`, or none with a keying above this one. Undefined: nothing is given up
   * of that.
   */
  async accept(room: RoomId, { last, keying }: GivenUpEpochs): Promise<void> {
    if (last !== undefined) {
      const known = await this.list(room);
      for (const { number } of known)
        if (number > last) await this.#changeEpoch(room, number, (epoch) => ({ ...epoch, isPast: true }));
      const newest = known.findLast(({ number, fault }) => number <= last && fault === undefined);
      const { number: highest = 0, recordHash = new Uint8Array(0) } = newest ?? {};
      await this.#change(room, (now) => ({ ...now, highest, recordHash }));
    }
    if (keying !== undefined)
      await this.#change(room, (now) => ({ ...now, keying: Math.min(now.keying ?? keying, keying) }));
  }

  /** The server takes no other in the place of one that its maker called old: it counts as made at this time. */
  postpone(room: RoomId, number: number, madeAt: number): Promise<void> {
    return this.#changeEpoch(room, number, (epoch) => ({ ...epoch, madeAt: Math.max(epoch.madeAt, madeAt) }));
  }

  repaired(room: RoomId, at: number): Promise<void> {
    return this.#change(room, (now) => ({ ...now, repairedAt: at }));
  }

  /** Messages under an epoch were seen; as a rule that changes nothing that is worth a write. */
  async used(room: RoomId, number: number, at: number): Promise<void> {
    const known = await this.find(room, number);
    if (known?.key === undefined || at < known.usedAt + LATE_MESSAGES_MS) return;
    await this.#changeEpoch(room, number, (epoch) => ({ ...epoch, usedAt: Math.max(epoch.usedAt, at) }));
  }

  /** The user was told that the room keeps its messages for so long: keys are kept no longer. */
  async keepAtMost(room: RoomId, days: number): Promise<void> {
    for (const { number, ...known } of await this.list(room))
      if (known.days > days)
        await this.#changeEpoch(room, number, (epoch) => ({ ...epoch, days: Math.min(epoch.days, days) }));
  }

  /** Deletes the keys whose time is over. The highest epoch, under which messages may be sent, has no end. */
  async expire(room: RoomId, now: number): Promise<void> {
    const epochs = await this.list(room);
    const { highest } = await this.of(room);
    for (const { number, usedAt, days, key, isPast } of epochs) {
      const isOver =
        (number < highest || isPast === true) && now >= usedAt + days * DAY_MS + LATE_MESSAGES_MS;
      if (key !== undefined && isOver)
        await this.#changeEpoch(room, number, ({ key: _deleted, ...epoch }) => epoch);
    }
    for (const { number, commitment } of epochs.slice(0, -EPOCHS_KEPT_MAX)) {
      await deleteRecord(this.#state, 'epochs', keyOf(room, number));
      await deleteRecord(this.#state, 'epochs', commitmentKey(room, commitment));
    }
  }

  /** Ascending by number. */
  async list(room: RoomId): Promise<readonly KnownEpoch[]> {
    const start = `${room}.n.`;
    return (await this.#state.list('epochs', start)).flatMap(({ key, value }) => {
      const record = parseRecord(epochRecord, value);
      return record === undefined ? [] : [{ ...record, number: Number(key.slice(start.length)) }];
    });
  }

  /** The user is no longer a member of the room: no key of it stays. */
  async forget(room: RoomId): Promise<void> {
    for (const { key } of await this.#state.list('epochs', `${room}.`))
      await deleteRecord(this.#state, 'epochs', key);
    await deleteRecord(this.#state, 'epochs', `#${room}`);
  }

  #changeEpoch(
    room: RoomId,
    number: number,
    change: (epoch: Parsed<typeof epochRecord>) => Parsed<typeof epochRecord>,
  ): Promise<void> {
    return this.#state.update('epochs', keyOf(room, number), (stored) => {
      const known = parseRecord(epochRecord, stored);
      return known === undefined
        ? { result: undefined }
        : { value: packRecord(epochRecord, change(known)), result: undefined };
    });
  }

  #change(room: RoomId, change: (now: RoomEpochsState) => RoomEpochsState): Promise<void> {
    return this.#state.update('epochs', `#${room}`, (stored) => {
      const now = parseRecord(epochsRecord, stored) ?? { highest: 0, recordHash: new Uint8Array(0) };
      const changed = change(now);
      return changed === now
        ? { result: undefined }
        : { value: packRecord(epochsRecord, changed), result: undefined };
    });
  }
}

/** What messages are opened with. Undefined: it never opened. */
export function heldOf(epoch: KnownEpoch): HeldEpoch | undefined {
  const { number, rosterVersion, recipients, passwordNumber, recordHash, key, fault } = epoch;
  return fault === undefined
    ? { number, rosterVersion, recipients, passwordNumber, recordHash, key }
    : undefined;
}

export function plainMembers(users: readonly UserId[]): readonly UserId[] {
  return users.slice(0, PLAIN_MEMBERS_KEPT_MAX);
}

function keyOf(room: RoomId, number: number): string {
  return `${room}.n.${String(number).padStart(16, '0')}`;
}

function commitmentKey(room: RoomId, commitment: Uint8Array): string {
  return `${room}.c.${toHex(commitment)}`;
}
