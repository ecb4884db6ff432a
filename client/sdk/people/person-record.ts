import { signedIdentity, userId, userName } from '../../../src/protocol/entities.ts';
import { HASH_BYTES } from '../../../src/protocol/limits.ts';
import {
  bool,
  bytes,
  list,
  type MapShape,
  map,
  optional,
  type Parsed,
  uint,
} from '../../../src/protocol/shape.ts';
import { packRecord, parseRecord } from '../storage/records.ts';

/** Accepted keys of one user that are remembered; with more rotations than this the oldest are forgotten. */
export const PERSON_KEYS_MAX = 64;

const personKey = map({ fingerprint: bytes(HASH_BYTES), sequence: uint(), created: uint() });
export type PersonKey = Parsed<typeof personKey>;

/** Written by releases whose `keys` hold nothing but the chain of signatures that ends in `current`. */
const CHAIN_ONLY = 2;

const storedPerson = map({
  name: userName,
  current: signedIdentity,
  keys: list(personKey, PERSON_KEYS_MAX),
  /** What releases before `compared` wrote: that some key of this user had been compared, but not which. */
  verified: bool,
  since: optional(uint()),
  pending: optional(map({ name: userName, identity: signedIdentity })),
  form: optional(uint()),
  compared: optional(bytes(HASH_BYTES)),
  comparedBefore: optional(bool),
  root: optional(bytes(HASH_BYTES)),
});

/** `people/USER-ID`: what this profile holds about a user. See trust-model.ts for what may change it. */
export interface PersonRecord {
  readonly name: Parsed<typeof userName>;
  /** The accepted identity; while `keys` is empty, merely the one that was shown first. */
  readonly current: Parsed<typeof signedIdentity>;
  /** The chain of signatures that ends in `current`, oldest first. Empty: nothing was accepted yet. */
  readonly keys: readonly PersonKey[];
  /** The key in `keys` that was pinned or accepted; those before it only sign what is read. Absent in records of earlier releases. */
  readonly root?: Uint8Array;
  /** When `current` replaced the key that signed it, in milliseconds since 1970. */
  readonly since?: number;
  /** An unexplained identity or name that waits for a person's decision. */
  readonly pending?: Parsed<typeof pendingIdentity>;
  /** Fingerprint of the key that people compared. */
  readonly compared?: Uint8Array;
  /** A mark was made by a release that did not note which key it was for. */
  readonly comparedBefore: boolean;
}
const pendingIdentity = map({ name: userName, identity: signedIdentity });

/**
 * Records of earlier releases kept every key that was ever accepted, also those that a person had replaced without a signature.
 * Of these only the last is certain to be the current one.
 */
export function parsePerson(value: Uint8Array | undefined): PersonRecord | undefined {
  const stored = parseRecord(storedPerson, value);
  if (stored === undefined) return undefined;
  const { name, current, keys, verified, form, comparedBefore, ...rest } = stored;
  const isChain = form === CHAIN_ONLY;
  return {
    ...rest,
    name,
    current,
    keys: isChain ? keys : keys.slice(-1),
    comparedBefore: comparedBefore === true || (!isChain && verified),
  };
}

export function packPerson({ comparedBefore, keys, ...record }: PersonRecord): Uint8Array {
  return packRecord(storedPerson, {
    ...record,
    keys: [...keys],
    verified: false,
    form: CHAIN_ONLY,
    ...(comparedBefore ? { comparedBefore } : {}),
  });
}

/** `names/FOLDED-NAME`: the user that the name belongs to. */
export const nameRecord: MapShape<{ readonly user: Parsed<typeof userId> }> = map({ user: userId });
