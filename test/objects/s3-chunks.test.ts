import { readFile, rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { databaseName } from '../../src/adapters/mongo/database-name.ts';
import { ChunkDocuments } from '../../src/adapters/mongo/file-chunks.ts';
import { MongoFileStore } from '../../src/adapters/mongo/file-store.ts';
import { MongoLink } from '../../src/adapters/mongo/mongo-link.ts';
import {
  ObjectFileChunks,
  ORPHAN_AGE_MS,
  ORPHANS_EVERY_MS,
} from '../../src/adapters/mongo/object-file-chunks.ts';
import { S3ObjectStore } from '../../src/adapters/s3/s3-object-store.ts';
import type { FileStore, NewUpload } from '../../src/ports/file-store.ts';
import type { ObjectStore } from '../../src/ports/object-store.ts';
import { Unavailable } from '../../src/ports/unavailable.ts';
import { type FileId, ID_BYTES, parseFileId } from '../../src/protocol/ids.ts';
import { anyRoomId, anyUserId, bytes, dayMs, given } from '../contract/support-store.ts';
import { dropDatabase, newDatabaseUrl, openMongoAt, withMongo } from '../contract/support-store-mongo.ts';
import { PATIENCE_MS } from '../support/cluster/patience.ts';
import { Interposed } from '../support/ports/interposed.ts';
import { silentTelemetry } from '../support/ports/silent-telemetry.ts';
import { hasGo } from '../support/programs/skip-without-go.ts';
import type { S3Server } from '../support/services/s3-server.ts';
import { startOwnS3 } from './support-s3.ts';

const BYTES = 1_000;
const mongo = withMongo();

interface Scene extends AsyncDisposable {
  readonly url: string;
  readonly files: FileStore;
  /** Before the bucket. */
  readonly objects: Interposed<ObjectStore>;
  readonly s3: ObjectStore;
  /** What is in the bucket of a file. */
  keysOf(file: FileId): Promise<readonly string[]>;
  /** Where the server's disk has a chunk. */
  place(file: FileId, number: number): string;
  readonly lost: readonly unknown[];
}

describe.skipIf(!hasGo())('chunks in a bucket', () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startOwnS3();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  async function open(): Promise<Scene> {
    const url = newDatabaseUrl(mongo.url);
    const prefix = databaseName(url);
    const lost: unknown[] = [];
    const telemetry = silentTelemetry({
      warn: (event, _, details) => void (event === 'chunk_lost' && lost.push(details?.['reason'])),
    });
    const s3 = new S3ObjectStore({ target: { ...server.target, prefix }, telemetry });
    await s3.start(prefix);
    const objects = new Interposed<ObjectStore>(s3);
    const link = new MongoLink({ url, timeoutMs: PATIENCE_MS, telemetry });
    const chunks = new ObjectFileChunks({
      link,
      documents: new ChunkDocuments(link),
      objects: objects.port,
      telemetry,
    });
    return {
      url,
      files: new MongoFileStore(link, chunks),
      objects,
      s3,
      keysOf: async (file) => (await s3.objects(file)).map(({ name }) => name),
      place: (file, number) => server.place(`${prefix}/${file}/${number}`),
      lost,
      [Symbol.asyncDispose]: async () => {
        s3.close();
        await link.close();
        await dropDatabase(url);
      },
    };
  }

  async function begun(files: FileStore): Promise<NewUpload> {
    const upload = {
      file: given(parseFileId(bytes(ID_BYTES))),
      room: anyRoomId(),
      uploader: anyUserId(),
      bytes: BYTES,
      at: Date.now(),
      expiresAt: Date.now() + dayMs,
    };
    await files.begin(upload, 10);
    return upload;
  }

  test('a chunk whose gateway died before it was in the bucket is none, and is stored by whoever sends it again', async () => {
    await using scene = await open();
    const { file, at, expiresAt } = await begun(scene.files);
    const chunk = bytes(BYTES);
    scene.objects.lose('put');
    await expect(scene.files.put(file, 0, chunk)).rejects.toBeInstanceOf(Unavailable);
    expect(await scene.files.held(file)).toEqual([]);
    expect(await scene.files.chunk(file, 0)).toBeUndefined();
    expect(await scene.files.finish(file, at, expiresAt)).toBe('incomplete');
    expect(await scene.files.put(file, 0, bytes(BYTES))).toBe('conflict');
    expect(await scene.files.put(file, 0, chunk)).toBe('stored');
    expect(await scene.files.chunk(file, 0)).toStrictEqual(chunk);
    expect(await scene.files.finish(file, at, expiresAt)).toBe('finished');
  });

  test('a chunk that reaches the bucket after its file was discarded and removed does not stay there', async () => {
    await using scene = await open();
    const { file } = await begun(scene.files);
    const call = scene.objects.hold('put');
    const outcome = scene.files.put(file, 0, bytes(BYTES));
    await call.arrived;
    await scene.files.discard(file);
    await scene.files.reclaim(Date.now());
    call.release();
    expect(await outcome).toBe('gone');
    expect(await scene.keysOf(file)).toEqual([]);
  });

  test('an object whose gateway died before it said so goes with its file', async () => {
    await using scene = await open();
    const { file } = await begun(scene.files);
    await scene.files.discard(file);
    await scene.files.reclaim(Date.now());
    // It was on its way all the time.
    await scene.s3.put(`${file}/0`, bytes(BYTES));
    await scene.files.reclaim(Date.now() + dayMs);
    expect(await scene.keysOf(file)).toEqual([]);
  });

  test('a removal that the bucket interrupts goes on later, and the file is not forgotten meanwhile', async () => {
    await using scene = await open();
    const { file } = await begun(scene.files);
    await scene.files.put(file, 0, bytes(BYTES));
    await scene.files.discard(file);
    scene.objects.lose('remove');
    await expect(scene.files.reclaim(Date.now())).rejects.toBeInstanceOf(Unavailable);
    expect(await scene.keysOf(file)).toEqual([`${file}/0`]);
    await scene.files.reclaim(Date.now());
    expect(await scene.keysOf(file)).toEqual([]);
    expect(await scene.files.held(file)).toEqual([]);
  });

  test('objects that no file owns are removed a day later, and what has no name of a file stays', async () => {
    await using scene = await open();
    const kept = await begun(scene.files);
    await scene.files.put(kept.file, 0, bytes(BYTES));
    await scene.files.finish(kept.file, kept.at, Date.now() + 30 * dayMs);
    const orphan = given(parseFileId(bytes(ID_BYTES)));
    for (const number of [0, 1]) await scene.s3.put(`${orphan}/${number}`, bytes(BYTES));
    await scene.s3.put('notes/1', bytes(BYTES));
    // Each node begins somewhere: after two looks it has seen all.
    const lookTwice = async (nowMs: number): Promise<void> => {
      await scene.files.reclaim(nowMs);
      await scene.files.reclaim(nowMs + ORPHANS_EVERY_MS);
    };
    await lookTwice(Date.now());
    expect(await scene.keysOf(orphan)).toHaveLength(2);
    await lookTwice(Date.now() + ORPHAN_AGE_MS + ORPHANS_EVERY_MS * 3);
    expect(await scene.keysOf(orphan)).toEqual([]);
    expect(await scene.keysOf(kept.file)).toEqual([`${kept.file}/0`]);
    expect(await scene.s3.folders('')).toContain('notes');
  });

  test('a chunk that the bucket altered, shortened, lengthened or lost is never given out, and is told', async () => {
    await using scene = await open();
    const { file, at, expiresAt } = await begun(scene.files);
    const chunk = bytes(BYTES);
    await scene.files.put(file, 0, chunk);
    await scene.files.finish(file, at, expiresAt);
    const place = scene.place(file, 0);
    const stored = await readFile(place);
    const altered = Buffer.from(stored);
    altered[500] = given(altered[500]) ^ 1;
    for (const wrong of [altered, stored.subarray(1), Buffer.concat([stored, stored])]) {
      await writeFile(place, wrong);
      expect(await scene.files.chunk(file, 0)).toBeUndefined();
    }
    await writeFile(place, stored);
    expect(await scene.files.chunk(file, 0)).toStrictEqual(chunk);
    await rm(place);
    expect(await scene.files.chunk(file, 0)).toBeUndefined();
    // Each kind once a minute.
    expect(scene.lost).toEqual(['altered', 'missing']);
  });

  test('chunks that were in MongoDB before there was a bucket stay there, and their uploads go on', async () => {
    await using scene = await open();
    const before = openMongoAt(scene.url, PATIENCE_MS);
    await before.start();
    const { file, at, expiresAt } = await begun(before.files);
    const chunk = bytes(BYTES);
    expect(await before.files.put(file, 0, chunk)).toBe('stored');
    expect(await scene.files.put(file, 0, chunk)).toBe('repeated');
    expect(await scene.files.put(file, 0, bytes(BYTES))).toBe('conflict');
    expect(await scene.files.finish(file, at, expiresAt)).toBe('finished');
    expect(await scene.files.chunk(file, 0)).toStrictEqual(chunk);
    expect(await scene.keysOf(file)).toEqual([]);
    await scene.files.discard(file);
    await scene.files.reclaim(Date.now());
    expect(await scene.files.held(file)).toEqual([]);
    await before.close();
  });

  test('a gateway without the bucket gives out nothing of it, and says that it is elsewhere', async () => {
    await using scene = await open();
    const { file } = await begun(scene.files);
    await scene.files.put(file, 0, bytes(BYTES));
    const without = openMongoAt(scene.url, PATIENCE_MS);
    await without.start();
    await expect(without.files.chunk(file, 0)).rejects.toBeInstanceOf(Unavailable);
    expect(await without.files.held(file)).toEqual([0]);
    await without.close();
  });
});
