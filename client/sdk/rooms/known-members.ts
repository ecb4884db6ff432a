import { concatBytes } from '../../../src/protocol/bytes.ts';
import { ID_BYTES, idBytes, parseUserId, type RoomId, type UserId } from '../../../src/protocol/ids.ts';
import { ROOM_MEMBERS_MAX } from '../../../src/protocol/limits.ts';
import { bytesUpTo, map } from '../../../src/protocol/shape.ts';
import { packRecord, parseRecord } from '../storage/records.ts';
import type { StateStore } from '../storage/state-store.ts';

const IDS_BYTES_MAX = ID_BYTES * ROOM_MEMBERS_MAX;

/** `rosters/ROOM-ID`: ids of the members that were last shown, and of those a message was ever sealed for. */
const rosterRecord = map({ members: bytesUpTo(IDS_BYTES_MAX), written: bytesUpTo(IDS_BYTES_MAX) });

export interface MembersDiffer {
  readonly joined: readonly UserId[];
  readonly left: readonly UserId[];
}

/**
 * Who this profile knows as the members of its rooms. A member who appears in a page of the roster, without any event, is
 * noticed by comparing with it.
 */
export class KnownMembers {
  readonly #state: StateStore;
  readonly #written = new Map<RoomId, Set<UserId>>();

  constructor(state: StateStore) {
    this.#state = state;
  }

  /** The members as the roster says now. Who came and went since this profile looked last; undefined at the first look. */
  learn(room: RoomId, members: readonly UserId[]): Promise<MembersDiffer | undefined> {
    return this.#state.update('rosters', room, (stored) => {
      const record = parseRecord(rosterRecord, stored);
      const now = members.slice(0, ROOM_MEMBERS_MAX);
      const before = record === undefined ? undefined : idsIn(record.members);
      const [isMember, wasMember] = [new Set(now), new Set(before)];
      const joined = before === undefined ? [] : now.filter((user) => !wasMember.has(user));
      const left = (before ?? []).filter((user) => !isMember.has(user));
      if (before !== undefined && joined.length + left.length === 0) return { result: undefined };
      const value = packRecord(rosterRecord, {
        members: concatBytes(...now.map(idBytes)),
        written: record?.written ?? new Uint8Array(0),
      });
      return { value, result: before === undefined ? undefined : { joined, left } };
    });
  }

  /** The members as they were last shown; none before the first look. */
  async shown(room: RoomId): Promise<readonly UserId[]> {
    const record = parseRecord(rosterRecord, await this.#state.get('rosters', room));
    return record === undefined ? [] : idsIn(record.members);
  }

  /** Those for whom no message of this room was sealed before; undefined when none ever was. */
  async unwritten(room: RoomId, members: readonly UserId[]): Promise<readonly UserId[] | undefined> {
    const written = await this.#writtenTo(room);
    return written.size === 0 ? undefined : members.filter((user) => !written.has(user));
  }

  /** A message was sealed for these. */
  async wrote(room: RoomId, members: readonly UserId[]): Promise<void> {
    const written = await this.#writtenTo(room);
    if (members.every((user) => written.has(user))) return;
    const all = new Set([...written, ...members]);
    // Of a room whose members changed more than it can hold, those who are in it now count.
    const kept = all.size > ROOM_MEMBERS_MAX ? new Set(members) : all;
    await this.#state.update('rosters', room, (stored) => {
      const record = parseRecord(rosterRecord, stored);
      const value = packRecord(rosterRecord, {
        members: record?.members ?? concatBytes(...members.map(idBytes)),
        written: concatBytes(...[...kept].map(idBytes)),
      });
      return { value, result: undefined };
    });
    this.#written.set(room, kept);
  }

  /** The user is no longer a member of the room. */
  async forget(room: RoomId): Promise<void> {
    this.#written.delete(room);
    await this.#state.update('rosters', room, () => ({ value: 'deleted', result: undefined }));
  }

  async #writtenTo(room: RoomId): Promise<ReadonlySet<UserId>> {
    const known = this.#written.get(room);
    if (known !== undefined) return known;
    const record = parseRecord(rosterRecord, await this.#state.get('rosters', room));
    const written = new Set(record === undefined ? [] : idsIn(record.written));
    this.#written.set(room, written);
    return written;
  }
}

function idsIn(bytes: Uint8Array): readonly UserId[] {
  const ids: UserId[] = [];
  for (let at = 0; at < bytes.length; at += ID_BYTES) {
    const id = parseUserId(bytes.slice(at, at + ID_BYTES));
    if (id !== undefined) ids.push(id);
  }
  return ids;
}
