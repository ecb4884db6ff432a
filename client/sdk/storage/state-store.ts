/**
 * Everything a client remembers besides its keys, as small records. A storage protects values like the keys; table
 * names and record keys may be readable.
 */
export const stateTables = [
  'session',
  'people',
  'names',
  'rooms',
  'room-names',
  'reads',
  'secrets',
  'chat',
  'key-ends',
  'rosters',
  'sender-chains',
  'meta',
] as const;
export type StateTable = (typeof stateTables)[number];

/** What a record becomes: new bytes, nothing, or (undefined) what it was. */
export interface StateChange<T> {
  readonly value?: Uint8Array | 'deleted';
  readonly result: T;
}

/**
 * - A resolved `update` is durable, and seen by every later `get` of every process that shares the storage.
 * - `update` is atomic: nobody changes the record between what `change` was given and what it returned.
 *   `change` must be pure; it may be called more than once.
 * - Values are at most STATE_VALUE_BYTES_MAX bytes; keys are short ASCII texts.
 */
export interface StateStore {
  get(table: StateTable, key: string): Promise<Uint8Array | undefined>;
  list(table: StateTable): Promise<readonly { readonly key: string; readonly value: Uint8Array }[]>;
  update<T>(
    table: StateTable,
    key: string,
    change: (current: Uint8Array | undefined) => StateChange<T>,
  ): Promise<T>;
}

export const STATE_VALUE_BYTES_MAX = 64 * 1024;
