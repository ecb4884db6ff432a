import type { UserId } from '../../../src/protocol/ids.ts';
import { encode } from '../../../src/protocol/message-pack.ts';
import { bytesUpTo, list, map, oneOf, optional, text, uint } from '../../../src/protocol/shape.ts';
import { accountOf, accountRecord, parseSealed } from './account-record.ts';
import { meRecord, parseRecord } from './records.ts';
import {
  STATE_KEY_CHARS_MAX,
  STATE_VALUE_BYTES_MAX,
  type StateStore,
  type StateTable,
} from './state-store.ts';
import type { AccountKeys, AccountStorage } from './storage.ts';

/*
 * An account on its way to another machine: keys, pins and room secrets, in an export, a backup or a link. Never the chains, which
 * grow with every message; the keys of epochs not in a backup.
 */

const RECORDS_MAX = 500_000;

/** Of the session not its token, which belongs to one profile. */
const travellingTables = [
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
] as const satisfies readonly StateTable[];
const SESSION_KEYS: readonly string[] = ['me', 'backup', 'user-state'];

const content = map({
  account: accountRecord,
  records: list(
    map({
      table: oneOf(...travellingTables),
      key: text(STATE_KEY_CHARS_MAX),
      value: bytesUpTo(STATE_VALUE_BYTES_MAX),
    }),
    RECORDS_MAX,
  ),
  /** In a backup: when it was made, in milliseconds since 1970, and how many people it has no room for. */
  madeAt: optional(uint()),
  peopleLeftOut: optional(uint()),
});

export interface TravellingRecord {
  readonly table: (typeof travellingTables)[number];
  readonly key: string;
  readonly value: Uint8Array;
}

/** An account that arrived. */
export interface AccountContent {
  readonly account: AccountKeys;
  readonly records: readonly TravellingRecord[];
  readonly madeAt?: number;
  readonly peopleLeftOut?: number;
}

/**
 * A `backup` is without the keys of epochs, so that whoever has its code cannot open what was forgotten, and without what refreshes it,
 * which changes every time.
 */
export async function contentOf(
  { keys, state }: Pick<AccountStorage, 'keys' | 'state'>,
  destination: 'device' | 'backup',
): Promise<AccountContent> {
  const account = await keys.load();
  const isBackup = destination === 'backup';
  const travelling = travellingTables.filter((table) => !isBackup || table !== 'epochs');
  const tables = await Promise.all(
    travelling.map(async (table) => (await state.list(table)).map((record) => ({ table, ...record }))),
  );
  const records = tables.flat().filter((record) => mayTravel(record) && !(isBackup && isOfBackup(record)));
  return { account, records };
}

export function packContent(packed: AccountContent): Uint8Array {
  return encode(content.pack(packed));
}

/** Rejects with `no_profile` what no release up to this one wrote. */
export function parseContent(bytes: Uint8Array): AccountContent {
  const { account, ...rest } = parseSealed(content, bytes);
  return { ...rest, account: accountOf(account) };
}

/** Writes what an account has besides its keys. */
export async function writeRecords(records: readonly TravellingRecord[], state: StateStore): Promise<void> {
  for (const { table, key, value } of records.filter(mayTravel))
    await state.update(table, key, () => ({ value, result: undefined }));
}

/** Whose account it is, where it says so. */
export function userIn({ records }: AccountContent): UserId | undefined {
  const me = records.find(({ table, key }) => table === 'session' && key === 'me');
  return parseRecord(meRecord, me?.value)?.user;
}

function isOfBackup({ table, key }: Pick<TravellingRecord, 'table' | 'key'>): boolean {
  return table === 'session' && key === 'backup';
}

function mayTravel({ table, key }: Pick<TravellingRecord, 'table' | 'key'>): boolean {
  return table !== 'session' || SESSION_KEYS.includes(key);
}
