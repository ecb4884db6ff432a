import { signedIdentity, userName } from '../../../src/protocol/entities.ts';
import { IDENTITY_CHAIN_MAX } from '../../../src/protocol/limits.ts';
import { decodeStrict } from '../../../src/protocol/message-pack.ts';
import {
  bytes,
  bytesUpTo,
  Fault,
  list,
  type MapShape,
  map,
  optional,
  type Parsed,
  uint,
} from '../../../src/protocol/shape.ts';
import { X_WING_SEED_BYTES } from '../../crypto/epochs/x-wing.ts';
import { localError } from '../errors.ts';
import type { AccountKeys } from './storage.ts';

const PKCS8_BYTES_MAX = 2_048;
/** Of an authenticated file of our own: far above what any account has. */
const ITEMS_MAX = 1_000_000;
const VALUES_MAX = 8_000_000;

export const ownIdentity = map({
  signed: signedIdentity,
  keys: map({ rsa: bytesUpTo(PKCS8_BYTES_MAX), ed25519: bytes(32) }),
  /** Absent in files of earlier releases. */
  prekeys: optional(map({ week: uint(), key: bytes(X_WING_SEED_BYTES) })),
});

/** The keys of an account as key files and exports hold them. */
export const accountRecord = map({
  name: userName,
  identities: list(ownIdentity, IDENTITY_CHAIN_MAX),
  pending: optional(ownIdentity),
});

export function accountOf(record: Parsed<typeof accountRecord>): AccountKeys {
  const { name, identities, pending } = record;
  return pending === undefined ? { name, identities } : { name, identities, pending };
}

/** What a sealed file holds once it was opened: authenticated, but perhaps of a newer release. */
export function parseSealed<T>(shape: MapShape<T>, content: Uint8Array): T {
  const decoded = decodeStrict(content, { depthMax: 6, itemsMax: ITEMS_MAX, valuesMax: VALUES_MAX });
  const parsed = decoded.ok ? shape.parse(decoded.value, 'lenient') : undefined;
  if (parsed === undefined || parsed instanceof Fault) throw localError('no_profile', 'content_newer');
  return parsed;
}
