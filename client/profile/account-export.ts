import { encode } from '../../src/protocol/message-pack.ts';
import { bytesUpTo, list, map, oneOf, text } from '../../src/protocol/shape.ts';
import { STATE_KEY_CHARS_MAX, STATE_VALUE_BYTES_MAX, type StateStore } from '../sdk/storage/state-store.ts';
import type { AccountKeys, AccountStorage } from '../sdk/storage/storage.ts';
import { accountOf, accountRecord, parseSealed } from './account-record.ts';
import { seal, unseal } from './sealed-file.ts';

const RECORDS_MAX = 500_000;

/** Of the session only who the user is: a token belongs to one profile. Not the chains: they grow with every message. */
const exportedTables = [
  'session',
  'people',
  'names',
  'rooms',
  'room-names',
  'reads',
  'secrets',
  'key-ends',
  'rosters',
  'epochs',
  'prekey-weeks',
] as const;
const SESSION_KEY_EXPORTED = 'me';

const exported = map({
  account: accountRecord,
  records: list(
    map({
      table: oneOf(...exportedTables),
      key: text(STATE_KEY_CHARS_MAX),
      value: bytesUpTo(STATE_VALUE_BYTES_MAX),
    }),
    RECORDS_MAX,
  ),
});

/** The content of an export: bound to no address, pins and room secrets included. */
export async function exportAccount(
  { keys, state }: AccountStorage,
  passphrase: string | undefined,
): Promise<Uint8Array> {
  const account = await keys.load();
  const tables = await Promise.all(
    exportedTables.map(async (table) => (await state.list(table)).map((record) => ({ table, ...record }))),
  );
  const records = tables.flat().filter(mayTravel);
  return seal('export', encode(exported.pack({ account, records })), passphrase);
}

/** An export that was opened. */
export interface ExportedAccount {
  readonly account: AccountKeys;
  /** Writes what it holds besides the keys. */
  restore(state: StateStore): Promise<void>;
}

export async function openExport(file: Uint8Array, passphrase: string | undefined): Promise<ExportedAccount> {
  const { account, records } = parseSealed(exported, await unseal('export', file, passphrase));
  return {
    account: accountOf(account),
    restore: async (state) => {
      for (const { table, key, value } of records.filter(mayTravel))
        await state.update(table, key, () => ({ value, result: undefined }));
    },
  };
}

function mayTravel({ table, key }: { readonly table: string; readonly key: string }): boolean {
  return table !== 'session' || key === SESSION_KEY_EXPORTED;
}
