import { encode } from '../../../src/protocol/message-pack.ts';
import { bool, bytes, map, optional } from '../../../src/protocol/shape.ts';
import { accountOf, accountRecord, parseSealed } from './account-record.ts';
import type { AccountKeys } from './storage.ts';

export const DATA_KEY_BYTES = 32;

const keyContent = map({ account: accountRecord, dataKey: bytes(DATA_KEY_BYTES), state: optional(bool) });

/** What a key file holds, once it was unsealed. */
export interface KeyContent {
  readonly account: AccountKeys;
  /** Encrypts the records that are kept beside the file. */
  readonly dataKey: Uint8Array;
  /** There were such records once. */
  readonly state?: boolean;
}

export function packKeyContent(content: KeyContent): Uint8Array {
  return encode(keyContent.pack(content));
}

/** Rejects with `no_profile` what no release up to this one wrote. */
export function parseKeyContent(packed: Uint8Array): KeyContent {
  const { account, ...rest } = parseSealed(keyContent, packed);
  return { ...rest, account: accountOf(account) };
}
