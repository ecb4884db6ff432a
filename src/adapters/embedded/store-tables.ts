import type { Database, RootDatabase } from 'lmdb';

/** What is kept under which key. Values are bytes: src/adapters/embedded/stored-rows.ts and message-row.ts say of what. */
export const tableNames = [
  /** Text → the schema's number, the cluster's secrets. */
  'meta',
  /** User → account. */
  'accounts',
  /** Folded name → user. */
  'account-names',
  /** Time since when it is behind, user → nothing. */
  'accounts-behind',
  /** User, sequence → signed identity document. */
  'identities',
  /** User → time before which tokens are dead. */
  'revocations',
  /** That time, user → nothing. */
  'revocations-by-time',
  /** Hash of the code → when it is over, and whose it is. */
  'invites',
  /** That time, hash → nothing. */
  'invite-expiry',
  /** Room → record, but for its marks. */
  'rooms',
  /** Room → ceiling, settled position: they change often, the record is large. */
  'room-marks',
  /** Room → name, number of members, password or not, hidden or not. */
  'room-summaries',
  /** Folded name → room. */
  'room-names',
  /** Folded name → room, of those that are not hidden. */
  'listed-rooms',
  /** Room → what is left to do with its copies. */
  'room-chores',
  /** User, room → role and joining position. */
  'memberships',
  /** Room, version → roster change. */
  'roster-changes',
  /** Time to look at it, room, version → nothing. */
  'roster-changes-due',
  /** Room, seq → message without its copies, or, in an earlier layout, a settled position. */
  'messages',
  /** Room, block of positions → its settled spans. */
  'spans',
  /** Room, seq → the copies, or where their chunks begin. */
  'copies',
  /** Room, seq, number → the copies of a chunk. */
  'copy-chunks',
  /** Room, sender, message id → seq. */
  'message-ids',
  /** Time it expires, room, seq → nothing. */
  'message-expiry',
  /** Room, number → epoch without its wraps. */
  'epochs',
  /** Room, number, user → the user's wrap, and where it stands. */
  'epoch-copies',
  /** Time it expires, room, number → nothing. */
  'epoch-expiry',
  /** User, time from which it is for use → signed prekey. */
  'prekeys',
  /** Time at which it is over, user, time from which it is for use → nothing. */
  'prekey-expiry',
  /** File → room, uploader, size, times, and whether it is whole or discarded. Its chunks are beside LMDB. */
  'files',
  /** Time at which it is over, file → nothing. */
  'file-expiry',
  /** Room, file → nothing. */
  'room-files',
  /** User, file → nothing. */
  'user-files',
  /** User, file → nothing, of those that are not finished: few, while a user may have any number of files. */
  'open-uploads',
  /** User → what is said of the backup in force. */
  'backups',
  /** User, upload, number → part of a backup. */
  'backup-parts',
  /** Time at which it is over unless it came into force, user, upload, number → nothing. */
  'backup-part-expiry',
  /** Channel, number → entry. */
  'link-entries',
  /** Time at which it is over, channel, number → nothing. */
  'link-expiry',
  /** User → invitations that wait, and whom the user has blocked. */
  'contacts',
  /** Room, invited user → nothing. */
  'invited-rooms',
  /** Inviter, invited user → nothing. */
  'inviters',
  /** Both users, in either order → the highest generation of their direct rooms that has ended. */
  'direct-rooms',
  /** User → the sealed state. */
  'user-states',
] as const;

export type TableName = (typeof tableNames)[number];
export type Tables = ReadonlyMap<TableName, Database<Buffer, Buffer>>;

export function openTables(root: RootDatabase<Buffer, Buffer>): Tables {
  const options = { encoding: 'binary', keyEncoding: 'binary' } as const;
  return new Map(tableNames.map((name) => [name, root.openDB<Buffer, Buffer>(name, options)]));
}

export interface RangeBounds {
  readonly start: Buffer;
  /** Exclusive. */
  readonly end: Buffer;
  readonly limit?: number;
  readonly reverse?: boolean;
}

export interface Row {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** Reads what is committed, which is on the disk. All reads within one turn of the event loop see one snapshot. */
export class TableReader {
  readonly #tables: Tables;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  get(table: TableName, key: Buffer): Buffer | undefined {
    return this.#table(table).get(key);
  }

  /** Without a copy of its own: the bytes hold until the next read of anything. */
  peek(table: TableName, key: Buffer): Uint8Array | undefined {
    const bytes = this.#table(table).getBinaryFast(key);
    return bytes === undefined ? undefined : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  has(table: TableName, key: Buffer): boolean {
    return this.#table(table).doesExist(key);
  }

  range(table: TableName, bounds: RangeBounds): readonly Row[] {
    return [...this.#table(table).getRange(inLmdbTerms(bounds))];
  }

  keys(table: TableName, bounds: RangeBounds): readonly Buffer[] {
    return [...this.#table(table).getKeys(inLmdbTerms(bounds))];
  }

  count(table: TableName, bounds: RangeBounds): number {
    return this.#table(table).getKeysCount(inLmdbTerms(bounds));
  }

  #table(name: TableName): Database<Buffer, Buffer> {
    const table = this.#tables.get(name);
    if (table === undefined) throw new TypeError(`there is no table ${name}`);
    return table;
  }
}

/** In reverse LMDB's start is where it begins, the higher end, and inclusive. */
function inLmdbTerms({ start, end, limit, reverse = false }: RangeBounds): object {
  const capped = limit === undefined ? {} : { limit };
  if (!reverse) return { start, end, ...capped };
  return { start: end, exclusiveStart: true, end: start, inclusiveEnd: true, reverse, ...capped };
}
