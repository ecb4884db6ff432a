import type { RosterMember } from '../../domain/roster.ts';
import type { Role } from '../../protocol/entities.ts';
import { ID_BYTES, parseUserId, type UserId } from '../../protocol/ids.ts';

/**
 * A roster in few bytes, since every reading and every change of a room goes through all of its members (1,000 of them as
 * MessagePack maps take 20 ms). Each, big endian: user 16 · role u8 · identity f64 · joined f64 · since f64.
 */
export const MEMBER_BYTES: number = ID_BYTES + 1 + 3 * 8;

/** By the number that stands for it on the disk: append only. */
const roles: readonly Role[] = ['owner', 'moderator', 'member'];

export function encodeRoster(members: readonly RosterMember[]): Buffer {
  const roster = Buffer.allocUnsafe(members.length * MEMBER_BYTES);
  let at = 0;
  for (const { user, role, identity, joined, since } of members) {
    at += roster.write(user, at, 'hex');
    at = roster.writeUInt8(roles.indexOf(role), at);
    at = roster.writeDoubleBE(identity, at);
    at = roster.writeDoubleBE(joined, at);
    at = roster.writeDoubleBE(since, at);
  }
  return roster;
}

/** Undefined when the bytes are no roster. */
export function decodeRoster(bytes: Uint8Array): readonly RosterMember[] | undefined {
  const roster = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const members: RosterMember[] = [];
  for (let at = 0; at < roster.length; at += MEMBER_BYTES) {
    if (roster.length - at < MEMBER_BYTES) return undefined;
    const user = parseUserId(roster.toString('hex', at, at + ID_BYTES));
    const role = roles[roster.readUInt8(at + ID_BYTES)];
    if (user === undefined || role === undefined) return undefined;
    const numbersAt = at + ID_BYTES + 1;
    members.push({
      user,
      role,
      identity: roster.readDoubleBE(numbersAt),
      joined: roster.readDoubleBE(numbersAt + 8),
      since: roster.readDoubleBE(numbersAt + 16),
    });
  }
  return members;
}

/** User ids, 16 bytes each. Undefined when the bytes are none. */
export function decodeIds(bytes: Uint8Array): readonly UserId[] | undefined {
  const ids: UserId[] = [];
  for (let at = 0; at < bytes.length; at += ID_BYTES) {
    const user = parseUserId(new Uint8Array(bytes.subarray(at, at + ID_BYTES)));
    if (user === undefined) return undefined;
    ids.push(user);
  }
  return ids;
}
