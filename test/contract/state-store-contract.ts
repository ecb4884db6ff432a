import { describe, expect, test } from 'vitest';
import {
  STATE_KEY_CHARS_MAX,
  STATE_VALUE_BYTES_MAX,
  type StateStore,
  type StateTable,
} from '../../client/sdk/storage/state-store.ts';
import { utf8, utf8Text } from '../../src/protocol/bytes.ts';

export interface StateStoreUnderTest extends AsyncDisposable {
  readonly store: StateStore;
  /** Another handle on the same records, as another process has it; the store itself where nobody else can have one. */
  readonly other: StateStore;
}

function put(store: StateStore, table: StateTable, key: string, text: string): Promise<void> {
  return store.update(table, key, () => ({ value: utf8(text), result: undefined }));
}

const textIn = (value: Uint8Array | undefined): string | undefined =>
  value === undefined ? undefined : utf8Text(value);

async function textOf(store: StateStore, table: StateTable, key: string): Promise<string | undefined> {
  return textIn(await store.get(table, key));
}

async function listed(store: StateStore, table: StateTable): Promise<readonly (string | undefined)[][]> {
  return (await store.list(table)).map(({ key, value }) => [key, utf8Text(value)]);
}

/** Adds one to the number that a record holds. */
function countUp(store: StateStore): Promise<number> {
  return store.update('reads', 'counter', (current) => {
    const next = Number(textIn(current) ?? 0) + 1;
    return { value: utf8(`${next}`), result: next };
  });
}

/** What every store of a client's state has to do. */
export function stateStoreContract(name: string, open: () => Promise<StateStoreUnderTest>): void {
  describe(`a store of state (${name})`, () => {
    test('gives back what was written last, and nothing that was deleted or never there', async () => {
      await using opened = await open();
      const { store } = opened;
      await put(store, 'reads', 'a', 'one');
      await put(store, 'reads', 'a', 'two');
      await put(store, 'reads', 'b', '');
      expect(await textOf(store, 'reads', 'a')).toBe('two');
      expect(await store.get('reads', 'b')).toEqual(new Uint8Array(0));
      expect(await store.get('reads', 'c')).toBeUndefined();
      await store.update('reads', 'a', () => ({ value: 'deleted', result: undefined }));
      await store.update('reads', 'c', () => ({ value: 'deleted', result: undefined }));
      expect(await store.get('reads', 'a')).toBeUndefined();
      expect(await listed(store, 'reads')).toEqual([['b', '']]);
    });

    test('leaves a record as it is when a change gives no value, and resolves with its result', async () => {
      await using opened = await open();
      const { store } = opened;
      await put(store, 'reads', 'a', 'one');
      const seen = await store.update('reads', 'a', (current) => ({ result: textIn(current) }));
      expect(seen).toBe('one');
      expect(await store.update('reads', 'b', (current) => ({ result: current }))).toBeUndefined();
      expect(await listed(store, 'reads')).toEqual([['a', 'one']]);
    });

    test('lists one table by ascending key, and nothing of tables whose names begin alike', async () => {
      await using opened = await open();
      const { store } = opened;
      for (const key of ['b', '#a', 'a', 'a.1', 'B']) await put(store, 'rooms', key, key);
      await put(store, 'room-names', 'a', 'elsewhere');
      await put(store, 'rosters', 'a', 'elsewhere');
      const keys = ['#a', 'B', 'a', 'a.1', 'b'];
      expect(await listed(store, 'rooms')).toEqual(keys.map((key) => [key, key]));
      expect(await listed(store, 'room-names')).toEqual([['a', 'elsewhere']]);
      expect(await listed(store, 'people')).toEqual([]);
    });

    test('lists the records of one table whose keys begin alike, and no others', async () => {
      await using opened = await open();
      const { store } = opened;
      for (const key of ['ab', 'ab.1', 'ab.2', 'abc', 'ab~', 'a', 'b']) await put(store, 'rooms', key, key);
      await put(store, 'reads', 'ab.3', 'elsewhere');
      const keys = async (start: string): Promise<readonly string[]> =>
        (await store.list('rooms', start)).map(({ key }) => key);
      expect(await keys('ab.')).toEqual(['ab.1', 'ab.2']);
      expect(await keys('ab')).toEqual(['ab', 'ab.1', 'ab.2', 'abc', 'ab~']);
      expect(await keys('c')).toEqual([]);
    });

    test('loses no change when many are made at once through two handles', async () => {
      await using opened = await open();
      const { store, other } = opened;
      const counted = await Promise.all(
        Array.from({ length: 100 }, (_, i) => countUp(i % 2 === 0 ? store : other)),
      );
      expect([...counted].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
      expect(await textOf(store, 'reads', 'counter')).toBe('100');
    });

    test('shows a resolved change to every handle', async () => {
      await using opened = await open();
      const { store, other } = opened;
      await put(store, 'reads', 'a', 'one');
      expect(await textOf(other, 'reads', 'a')).toBe('one');
      await put(other, 'reads', 'a', 'two');
      expect(await textOf(store, 'reads', 'a')).toBe('two');
      expect(await listed(store, 'reads')).toEqual([['a', 'two']]);
    });

    test('keeps what it had when a change throws, and goes on', async () => {
      await using opened = await open();
      const { store } = opened;
      await put(store, 'reads', 'a', 'one');
      const failing = store.update('reads', 'a', () => {
        throw new Error('this change fails');
      });
      await expect(failing).rejects.toThrow('this change fails');
      expect(await textOf(store, 'reads', 'a')).toBe('one');
      await put(store, 'reads', 'a', 'two');
      expect(await textOf(store, 'reads', 'a')).toBe('two');
    });

    test('shares no bytes with its callers', async () => {
      await using opened = await open();
      const { store } = opened;
      const written = utf8('kept');
      await store.update('reads', 'a', () => ({ value: written, result: undefined }));
      written.fill(0);
      (await store.get('reads', 'a'))?.fill(0);
      for (const { value } of await store.list('reads')) value.fill(0);
      await store.update('reads', 'a', (current) => {
        current?.fill(0);
        return { result: undefined };
      });
      expect(await textOf(store, 'reads', 'a')).toBe('kept');
    });

    test('takes values and keys up to their limits, and refuses longer ones without a trace', async () => {
      await using opened = await open();
      const { store } = opened;
      const value = new Uint8Array(STATE_VALUE_BYTES_MAX).fill(7);
      const key = 'k'.repeat(STATE_KEY_CHARS_MAX);
      await store.update('reads', key, () => ({ value, result: undefined }));
      expect(await store.get('reads', key)).toEqual(value);
      const large = store.update('reads', 'a', () => ({
        value: new Uint8Array(STATE_VALUE_BYTES_MAX + 1),
        result: undefined,
      }));
      await expect(large).rejects.toBeInstanceOf(RangeError);
      await expect(put(store, 'reads', `${key}k`, 'x')).rejects.toBeInstanceOf(RangeError);
      expect((await store.list('reads')).map((record) => record.key)).toEqual([key]);
    });
  });
}
