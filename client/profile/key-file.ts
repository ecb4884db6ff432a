import { randomBytes } from 'node:crypto';
import { encode } from '../../src/protocol/message-pack.ts';
import { bytes, map } from '../../src/protocol/shape.ts';
import type { AccountKeys } from '../sdk/storage.ts';
import { accountOf, accountRecord, parseSealed } from './account-record.ts';
import { seal, unseal } from './sealed-file.ts';

const DATA_KEY_BYTES = 32;

/** The account's keys, and the key that the records beside the file are encrypted with. */
const keyFile = map({ account: accountRecord, dataKey: bytes(DATA_KEY_BYTES) });

/** The content of a new key file, with a data key of its own. */
export function newKeyFile(account: AccountKeys, passphrase: string | undefined): Promise<Uint8Array> {
  const dataKey = new Uint8Array(randomBytes(DATA_KEY_BYTES));
  return seal('keys', encode(keyFile.pack({ account, dataKey })), passphrase);
}

export async function openKeyFile(
  file: Uint8Array,
  passphrase: string | undefined,
): Promise<{ readonly account: AccountKeys; readonly dataKey: Uint8Array }> {
  const { account, dataKey } = parseSealed(keyFile, await unseal('keys', file, passphrase));
  return { account: accountOf(account), dataKey };
}
