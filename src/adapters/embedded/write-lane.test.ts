import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'lmdb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTables, TableReader, tableNames } from './store-tables.ts';
import { WriteLane } from './write-lane.ts';

const key = Buffer.from('key');
const other = Buffer.from('other');
const value = (text: string): Buffer => Buffer.from(text);

describe('the write lane', () => {
  let directory: string;
  let root: ReturnType<typeof open<Buffer, Buffer>>;
  let reader: TableReader;
  let lane: WriteLane;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'conclave-lane-'));
    root = open<Buffer, Buffer>({
      path: directory,
      maxDbs: tableNames.length,
      overlappingSync: false,
      eventTurnBatching: false,
    });
    const tables = openTables(root);
    reader = new TableReader(tables);
    lane = new WriteLane(tables, reader, async () => undefined);
  });
  afterEach(async () => {
    await lane.idle();
    await root.close();
    await rm(directory, { recursive: true });
  });
  const stored = (at: Buffer): string | undefined => reader.get('meta', at)?.toString();

  it('lets each decision see the writes of those before it, committed or not', async () => {
    const seen = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        lane.run((view) => {
          const before = view.get('meta', key);
          view.put('meta', key, value(String(index)));
          return before === undefined ? undefined : Buffer.from(before).toString();
        }),
      ),
    );
    expect(seen).toEqual([undefined, ...Array.from({ length: 99 }, (_, index) => String(index))]);
    expect(stored(key)).toBe('99');
  });

  it('drops what a decision wrote before it threw, and nothing of its neighbours', async () => {
    const [first, failed, last] = await Promise.allSettled([
      lane.run((view) => view.put('meta', key, value('first'))),
      lane.run((view) => {
        view.put('meta', key, value('half'));
        view.remove('meta', other);
        throw new RangeError('no');
      }),
      lane.run((view) => view.put('meta', other, value('last'))),
    ]);
    expect([first?.status, failed?.status, last?.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect([stored(key), stored(other)]).toEqual(['first', 'last']);
  });

  it('shows what is committed to readers only when the write resolves', async () => {
    await lane.run((view) => view.put('meta', key, value('old')));
    const written = lane.run((view) => view.put('meta', key, value('new')));
    await Promise.resolve();
    expect(stored(key)).toBe('old');
    await written;
    expect(stored(key)).toBe('new');
  });

  it('decides one that reads ranges when all before it can be read, and all after it later', async () => {
    const bounds = { start: Buffer.from([0]), end: Buffer.from([255]) };
    const [, keys] = await Promise.all([
      lane.run((view) => view.put('meta', key, value('x'))),
      lane.run(() => reader.keys('meta', bounds).map(String), { alone: true }),
      lane.run((view) => view.put('meta', other, value('x'))),
    ]);
    expect(keys).toEqual(['key']);
    expect(reader.keys('meta', bounds).map(String)).toEqual(['key', 'other']);
  });

  it('writes thousands of rows of a decision in one piece', async () => {
    const rows = Array.from({ length: 5000 }, (_, index) => Buffer.from(`row ${index}`));
    await lane.run((view) => {
      for (const row of rows) view.put('meta', row, value('x'));
    });
    expect(rows.every((row) => stored(row) === 'x')).toBe(true);
    await lane.run((view) => {
      for (const row of rows) view.remove('meta', row);
    });
    expect(rows.some((row) => stored(row) !== undefined)).toBe(false);
  });

  it('refuses more than it can hold, and does what it took', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 20_001 }, () => lane.run(() => 'done')));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(20_000);
    expect(outcomes.at(-1)).toMatchObject({ status: 'rejected', reason: { name: 'Unavailable' } });
  });
});
