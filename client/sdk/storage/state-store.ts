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
  'uploads',
  'epochs',
  'prekey-weeks',
  'timers',
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
 * - Keys are printable ASCII. `list` gives them in ascending order; with `start`, those that begin with it.
 * - `update` rejects with RangeError for a key or value over its limit, and writes nothing.
 * - No bytes are shared: what is given and what is returned stays the caller's.
 */
export interface StateStore {
  get(table: StateTable, key: string): Promise<Uint8Array | undefined>;
  list(
    table: StateTable,
    start?: string,
  ): Promise<readonly { readonly key: string; readonly value: Uint8Array }[]>;
  update<T>(
    table: StateTable,
    key: string,
    change: (current: Uint8Array | undefined) => StateChange<T>,
  ): Promise<T>;
}

export const STATE_KEY_CHARS_MAX = 256;
export const STATE_VALUE_BYTES_MAX = 64 * 1024;

/** Throws RangeError for what is over the limits of a record. */
export function checkLimits(key: string, value: Uint8Array): void {
  if (key.length > STATE_KEY_CHARS_MAX)
    throw new RangeError(`the key of a record has at most ${STATE_KEY_CHARS_MAX} characters`);
  if (value.length > STATE_VALUE_BYTES_MAX)
    throw new RangeError(`a record has at most ${STATE_VALUE_BYTES_MAX} bytes`);
}
