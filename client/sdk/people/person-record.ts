import { signedIdentity, userName } from '../../../src/protocol/entities.ts';
import { HASH_BYTES } from '../../../src/protocol/limits.ts';
import { bool, bytes, list, map, optional, type Parsed, uint, userId } from '../../../src/protocol/shape.ts';

/** Accepted keys of one user that are remembered; more rotations than this push out the oldest. */
export const PERSON_KEYS_MAX = 64;

export const personKey = map({ fingerprint: bytes(HASH_BYTES), sequence: uint(), created: uint() });

/** `people/USER-ID`: what this profile holds about a user. `pending` is an unexplained identity or name that waits for `trust`. */
export const personRecord = map({
  name: userName,
  current: signedIdentity,
  /** Fingerprints of every identity accepted so far, oldest first. */
  keys: list(personKey, PERSON_KEYS_MAX),
  verified: bool,
  /** When `current` took the place of another, in milliseconds since 1970. */
  since: optional(uint()),
  pending: optional(map({ name: userName, identity: signedIdentity })),
});
export type PersonRecord = Parsed<typeof personRecord>;

/** `names/FOLDED-NAME`: the user that the name was first seen with. */
export const nameRecord = map({ user: userId });
