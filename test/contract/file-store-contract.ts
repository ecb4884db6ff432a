import { describe, expect, it } from 'vitest';
import type { NewUpload } from '../../src/ports/file-store.ts';
import { Unavailable } from '../../src/ports/unavailable.ts';
import { STORED_CHUNK_BYTES } from '../../src/protocol/file-transfers.ts';
import { type FileId, ID_BYTES, parseFileId } from '../../src/protocol/ids.ts';
import { anyRoomId, anyUserId, bytes, dayMs, given, type OpenStores } from './support-store.ts';

const anyFileId = (): FileId => given(parseFileId(bytes(ID_BYTES)));
const OPEN_MAX = 3;

function anyUpload(fields: Partial<NewUpload> = {}): NewUpload {
  const at = Date.now();
  return {
    file: anyFileId(),
    room: anyRoomId(),
    uploader: anyUserId(),
    bytes: 2 * STORED_CHUNK_BYTES + 1_000,
    at,
    expiresAt: at + dayMs,
    ...fields,
  };
}

/** Compared as a whole: one byte after the other takes a second for a chunk. */
function expectSame(found: Uint8Array | undefined, wanted: Uint8Array): void {
  expect(Buffer.compare(given(found), wanted)).toBe(0);
}

/** What every store of files promises: src/ports/file-store.ts. */
export function fileStoreContract(name: string, open: OpenStores): void {
  describe(`file store of ${name}`, () => {
    const chunks = [bytes(STORED_CHUNK_BYTES), bytes(STORED_CHUNK_BYTES), bytes(1_000)];

    /** Begun on one node, its chunks stored on both in another order. */
    async function uploaded(
      stores: Awaited<ReturnType<OpenStores>>,
      upload = anyUpload(),
    ): Promise<NewUpload> {
      expect(await stores.a.files.begin(upload, OPEN_MAX)).toBe(true);
      for (const number of [2, 0, 1]) {
        const { files } = number === 0 ? stores.a : stores.b;
        expect(await files.put(upload.file, number, given(chunks[number]))).toBe('stored');
      }
      return upload;
    }

    async function finished(
      stores: Awaited<ReturnType<OpenStores>>,
      upload = anyUpload(),
    ): Promise<NewUpload> {
      await uploaded(stores, upload);
      expect(await stores.a.files.finish(upload.file, upload.at, upload.expiresAt)).toBe('finished');
      return upload;
    }

    /** Whatever is left of these: rows that are found, and chunks. */
    async function left(
      { b }: Awaited<ReturnType<OpenStores>>,
      uploads: readonly NewUpload[],
    ): Promise<readonly FileId[]> {
      const found = await Promise.all(
        uploads.map(async ({ file }) => {
          const isThere = (await b.files.find(file)) !== undefined || (await b.files.held(file)).length > 0;
          return isThere ? [file] : [];
        }),
      );
      return found.flat();
    }

    async function reclaimAll({ a }: Awaited<ReturnType<OpenStores>>, nowMs = Date.now()): Promise<void> {
      while (await a.files.reclaim(nowMs));
    }

    it('keeps an upload and its chunks, which come in any order through any node', async () => {
      await using stores = await open();
      const upload = anyUpload();
      expect(await stores.b.files.find(upload.file)).toBeUndefined();
      expect(await stores.b.files.held(upload.file)).toEqual([]);
      await uploaded(stores, upload);
      expect(await stores.b.files.find(upload.file)).toStrictEqual({ ...upload, isWhole: false });
      expect(await stores.a.files.held(upload.file)).toEqual([0, 1, 2]);
      for (const [number, chunk] of chunks.entries())
        expectSame(await stores.b.files.chunk(upload.file, number), chunk);
      expect(await stores.a.files.chunk(upload.file, 3)).toBeUndefined();
      expect(await stores.a.files.chunk(anyFileId(), 0)).toBeUndefined();
    });

    it('takes the same chunk twice, and refuses other bytes in its place', async () => {
      await using stores = await open();
      const { file } = await uploaded(stores);
      const first = given(chunks[0]);
      expect(await stores.b.files.put(file, 0, first)).toBe('repeated');
      const other = new Uint8Array(first);
      other[other.length - 1] = given(other.at(-1)) ^ 1;
      expect(await stores.a.files.put(file, 0, other)).toBe('conflict');
      expectSame(await stores.b.files.chunk(file, 0), first);
    });

    it('stores one of several different chunks that come at once under one number', async () => {
      await using stores = await open();
      const upload = anyUpload();
      await stores.a.files.begin(upload, OPEN_MAX);
      const rivals = Array.from({ length: 8 }, () => bytes(STORED_CHUNK_BYTES));
      const outcomes = await Promise.all(
        rivals.map((rival, index) =>
          (index % 2 === 0 ? stores.a : stores.b).files.put(upload.file, 0, rival),
        ),
      );
      expect([...outcomes].sort()).toEqual([...Array<string>(7).fill('conflict'), 'stored']);
      const winner = rivals[outcomes.indexOf('stored')];
      expectSame(await stores.b.files.chunk(upload.file, 0), given(winner));
    });

    it('finishes a file only with all of its chunks, and takes none from then on', async () => {
      await using stores = await open();
      const upload = anyUpload();
      await stores.a.files.begin(upload, OPEN_MAX);
      await stores.a.files.put(upload.file, 0, given(chunks[0]));
      await stores.a.files.put(upload.file, 2, given(chunks[2]));
      const at = upload.at + 5;
      const finish = () => stores.b.files.finish(upload.file, at, at + 1_000);
      expect(await finish()).toBe('incomplete');
      expect((await stores.a.files.find(upload.file))?.isWhole).toBe(false);
      await stores.a.files.put(upload.file, 1, given(chunks[1]));
      expect(await finish()).toBe('finished');
      const whole = { ...upload, at, expiresAt: at + 1_000, isWhole: true };
      expect(await stores.a.files.find(upload.file)).toStrictEqual(whole);
      expect(await stores.a.files.finish(upload.file, at + 9, at + 9)).toBe('finished');
      expect(await stores.b.files.find(upload.file)).toStrictEqual(whole);
      expect(await stores.a.files.put(upload.file, 1, given(chunks[1]))).toBe('gone');
    });

    it('knows no upload that was never begun', async () => {
      await using stores = await open();
      expect(await stores.a.files.put(anyFileId(), 0, given(chunks[0]))).toBe('gone');
      expect(await stores.a.files.finish(anyFileId(), 0, 1)).toBe('gone');
      await stores.a.files.discard(anyFileId());
    });

    it('begins no more than so many unfinished uploads of a user', async () => {
      await using stores = await open();
      const uploader = anyUserId();
      const begin = (fields: Partial<NewUpload> = { uploader }) =>
        stores.a.files.begin(anyUpload(fields), OPEN_MAX);
      const [first, second] = [anyUpload({ uploader }), anyUpload({ uploader, bytes: 1_000 })];
      await stores.a.files.begin(first, OPEN_MAX);
      await stores.b.files.begin(second, OPEN_MAX);
      expect(await begin()).toBe(true);
      expect(await begin()).toBe(false);
      expect(await begin({})).toBe(true);
      await stores.a.files.put(second.file, 0, given(chunks[2]));
      await stores.a.files.finish(second.file, second.at, second.expiresAt);
      expect(await begin()).toBe(true);
      expect(await begin()).toBe(false);
      await stores.b.files.discard(first.file);
      expect(await begin()).toBe(true);
    });

    it('finds nothing of what was discarded, and frees its space', async () => {
      await using stores = await open();
      const [kept, unfinished, whole] = [
        await finished(stores),
        await uploaded(stores),
        await finished(stores),
      ];
      for (const { file } of [unfinished, whole]) {
        await stores.b.files.discard(file);
        expect(await stores.a.files.find(file)).toBeUndefined();
        expect(await stores.a.files.put(file, 0, given(chunks[0]))).toBe('gone');
        expect(await stores.a.files.finish(file, 1, 2)).toBe('gone');
      }
      await reclaimAll(stores);
      expect(await left(stores, [kept, unfinished, whole])).toEqual([kept.file]);
    });

    it('frees what is over by time, and leaves what is not', async () => {
      await using stores = await open();
      const now = Date.now();
      const over = await finished(stores, anyUpload({ expiresAt: now - 1 }));
      const late = await uploaded(stores, anyUpload({ expiresAt: now - 1 }));
      const due = await finished(stores, anyUpload({ expiresAt: now }));
      const kept = await finished(stores, anyUpload({ expiresAt: now + dayMs }));
      await reclaimAll(stores, now);
      expect(await left(stores, [over, late, due, kept])).toEqual([kept.file]);
    });

    it('removes all files of a room, and of no other room', async () => {
      await using stores = await open();
      const room = anyRoomId();
      const gone = [
        await finished(stores, anyUpload({ room })),
        await uploaded(stores, anyUpload({ room })),
        await finished(stores, anyUpload({ room })),
      ];
      const kept = await finished(stores);
      await stores.b.files.purge(room);
      await stores.b.files.purge(room);
      await reclaimAll(stores);
      expect(await left(stores, [...gone, kept])).toEqual([kept.file]);
    });

    it('removes all files of a user, and of nobody else', async () => {
      await using stores = await open();
      const uploader = anyUserId();
      const gone = [
        await finished(stores, anyUpload({ uploader })),
        await uploaded(stores, anyUpload({ uploader })),
      ];
      const kept = await finished(stores);
      await stores.b.files.discardOf(uploader);
      await reclaimAll(stores);
      expect(await left(stores, [...gone, kept])).toEqual([kept.file]);
    });

    it('gives the finished files of a room another life, and no others', async () => {
      await using stores = await open();
      const room = anyRoomId();
      const at = Date.now() - dayMs;
      const whole = await finished(stores, anyUpload({ room, at }));
      const old = await finished(stores, anyUpload({ room, at: at - dayMs }));
      const open1 = await uploaded(stores, anyUpload({ room, at }));
      const other = await finished(stores, anyUpload({ at }));
      await stores.b.files.reexpire(room, { lifeMs: 3 * dayMs, goneThrough: at - 1 });
      const expiryOf = async ({ file }: NewUpload) => (await stores.a.files.find(file))?.expiresAt;
      expect(await expiryOf(whole)).toBe(at + 3 * dayMs);
      expect(await expiryOf(old)).toBe(at - dayMs);
      expect(await expiryOf(open1)).toBe(open1.expiresAt);
      expect(await expiryOf(other)).toBe(other.expiresAt);
      await reclaimAll(stores);
      expect(await left(stores, [whole, old, open1, other])).toEqual([whole.file, open1.file, other.file]);
    });

    it('reclaims more than a batch', async () => {
      await using stores = await open();
      const room = anyRoomId();
      const uploads = Array.from({ length: 40 }, () => anyUpload({ room, bytes: 1_000 }));
      for (const upload of uploads) {
        await stores.a.files.begin(upload, OPEN_MAX);
        await stores.a.files.put(upload.file, 0, given(chunks[2]));
      }
      await stores.a.files.purge(room);
      await reclaimAll(stores);
      expect(await left(stores, uploads)).toEqual([]);
    });

    it('shares no bytes with its callers', async () => {
      await using stores = await open();
      const upload = anyUpload({ bytes: 1_000 });
      await stores.a.files.begin(upload, OPEN_MAX);
      const given1 = bytes(1_000);
      const kept = new Uint8Array(given1);
      await stores.a.files.put(upload.file, 0, given1);
      given1.fill(0);
      (await stores.a.files.chunk(upload.file, 0))?.fill(0);
      expect(await stores.a.files.chunk(upload.file, 0)).toStrictEqual(kept);
    });

    it('is unavailable after it was closed', async () => {
      await using stores = await open();
      const upload = anyUpload();
      await stores.a.close();
      const { files } = stores.a;
      for (const call of [
        () => files.begin(upload, OPEN_MAX),
        () => files.find(upload.file),
        () => files.put(upload.file, 0, given(chunks[0])),
        () => files.chunk(upload.file, 0),
        () => files.held(upload.file),
        () => files.finish(upload.file, 0, 1),
        () => files.discard(upload.file),
        () => files.discardOf(upload.uploader),
        () => files.purge(upload.room),
        () => files.reexpire(upload.room, { lifeMs: 1, goneThrough: 0 }),
        () => files.reclaim(0),
      ])
        await expect(call()).rejects.toBeInstanceOf(Unavailable);
    });
  });
}
