import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, open } from 'lmdb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CHUNK_WRAPS_MAX } from '../../src/adapters/embedded/message-copies.ts';
import { openEmbeddedStores } from '../../src/adapters/embedded/open-embedded-stores.ts';
import { SCHEMA_NUMBER } from '../../src/adapters/embedded/schema-number.ts';
import type { StoreBackend } from '../../src/ports/backend.ts';
import { ID_BYTES, idBytes, type UserId } from '../../src/protocol/ids.ts';
import { WRAP_BYTES } from '../../src/protocol/limits.ts';
import { silentTelemetry } from '../support/ports/silent-telemetry.ts';
import { anyMessage, anyRoomId, anyUserId, dayMs, given } from './support-store.ts';
import { everything, ownRow } from './support-store-messages.ts';

type Table = Database<Buffer, Buffer>;

describe('in a data directory of the newest schema', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'conclave-chunks-'));
  });
  afterEach(async () => {
    await rm(dataDir, { recursive: true });
  });

  const people = (count: number): readonly UserId[] => Array.from({ length: count }, anyUserId).sort();

  async function withStores<T>(work: (stores: StoreBackend) => Promise<T>): Promise<T> {
    const stores = openEmbeddedStores({ dataDir, telemetry: silentTelemetry() });
    await stores.start();
    try {
      return await work(stores);
    } finally {
      await stores.close();
    }
  }

  /** What is on the disk, of stores that are closed. */
  async function withTables<T>(work: (table: (name: string) => Table) => T | Promise<T>): Promise<T> {
    const root = open({ path: dataDir, noSubdir: false, maxDbs: 64 });
    try {
      return await work((name) => root.openDB({ name, encoding: 'binary', keyEncoding: 'binary' }));
    } finally {
      await root.close();
    }
  }

  const rowsOf = (table: Table): readonly Buffer[] => [...table.getRange()].map(({ value }) => value);
  const chunkCount = (): Promise<number> => withTables((table) => table('copy-chunks').getKeysCount());

  it.each([200, 1_000])(
    'a page needs one chunk of each message to %i members, and no wraps of others',
    async (count) => {
      const [room, to] = [anyRoomId(), people(count)];
      const reader = given(to[count - 70]);
      const stored = [1, 2, 3].map((seq) => anyMessage({ room, seq, to }));
      await withStores(({ messages }) => messages.append(stored));
      const readBytes = await withTables(async (table) => {
        const chunks = [...table('copy-chunks').getRange()];
        expect(chunks).toHaveLength(3 * Math.ceil(count / CHUNK_WRAPS_MAX));
        const own = chunks.filter(({ value }) => value.includes(Buffer.from(idBytes(reader))));
        expect(own).toHaveLength(3);
        for (const { key } of chunks.filter((chunk) => !own.includes(chunk)))
          await table('copy-chunks').remove(key);
        const rows = [...rowsOf(table('copies')), ...own.map(({ value }) => value)];
        return rows.reduce((sum, row) => sum + row.length, 0);
      });
      const rows = await withStores(({ messages }) => messages.page(room, reader, everything));
      expect(rows).toEqual(stored.map((each) => ownRow(each, reader)));
      const firsts = Math.ceil(count / CHUNK_WRAPS_MAX) * ID_BYTES;
      expect(readBytes / 3).toBeLessThan(firsts + CHUNK_WRAPS_MAX * (ID_BYTES + WRAP_BYTES) + 8);
    },
  );

  it('chunks go with their message, however it goes', async () => {
    const [gone, kept, to] = [anyRoomId(), anyRoomId(), people(130)];
    const message = anyMessage({ room: kept, to });
    await withStores(async ({ messages }) => {
      await messages.append([message, anyMessage({ room: gone, to })]);
      await messages.append([{ ...message, seq: 2 }, anyMessage({ room: kept, to })]);
      await messages.purge(gone);
    });
    expect(await chunkCount()).toBe(3);
  });

  it('an earlier schema stays in force until it is raised, and what it stored is read and reclaimed after', async () => {
    const [room, to] = [anyRoomId(), people(100)];
    const reader = given(to[70]);
    const stored = [1, 2].map((seq) => anyMessage({ room, seq, to }));
    await withStores(async () => undefined);
    await withTables((table) => table('meta').put(Buffer.from('schema'), Buffer.from('1')));
    await withStores(async ({ messages, schema }) => {
      expect(schema.inForce()).toBe(1);
      await messages.append(stored.slice(0, 1));
    });
    expect(await chunkCount()).toBe(0);
    await withStores(async ({ messages, schema }) => {
      await schema.raise();
      expect(schema.inForce()).toBe(SCHEMA_NUMBER);
      await messages.append(stored.slice(1));
    });
    expect(await chunkCount()).toBe(2);
    await withStores(async ({ messages, schema }) => {
      expect(schema.inForce()).toBe(SCHEMA_NUMBER);
      expect(await messages.page(room, reader, everything)).toEqual(stored.map((m) => ownRow(m, reader)));
      for (let after: number | undefined = 0; after !== undefined; )
        after = await messages.reexpire(room, { lifeMs: 3 * dayMs, goneThrough: 0 }, after);
      for (const each of stored)
        expect(await messages.find(room, each.sender, each.messageId)).toEqual({
          ...each,
          expiresAt: each.at + 3 * dayMs,
        });
      await messages.purge(room);
    });
    await withTables((table) => {
      for (const name of ['messages', 'copies', 'copy-chunks']) expect(table(name).getKeysCount()).toBe(0);
    });
  });
});
