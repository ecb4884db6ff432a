import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { backUpStore } from '../../src/adapters/embedded/back-up-store.ts';
import { openEmbeddedStores } from '../../src/adapters/embedded/open-embedded-stores.ts';
import type { FileStore, NewUpload } from '../../src/ports/file-store.ts';
import { Unavailable } from '../../src/ports/unavailable.ts';
import { type FileId, ID_BYTES, parseFileId } from '../../src/protocol/ids.ts';
import { silentTelemetry } from '../support/ports/silent-telemetry.ts';
import { storesForTest } from '../support/ports/temporary-stores.ts';
import { temporaryFolder } from '../support/programs/memory-folder.ts';
import { anyRoomId, anyUserId, bytes, dayMs, given } from './support-store.ts';

/** What only files beside LMDB have: see test/contract/file-store-contract.ts for the rest. */

const BYTES = 1_000;

async function begun(files: FileStore, expiresAt = Date.now() + dayMs): Promise<NewUpload> {
  const upload: NewUpload = {
    file: given(parseFileId(bytes(ID_BYTES))),
    room: anyRoomId(),
    uploader: anyUserId(),
    bytes: BYTES,
    at: Date.now(),
    expiresAt,
  };
  await files.begin(upload, 10);
  return upload;
}

async function finished(files: FileStore): Promise<{ readonly file: FileId; readonly chunk: Uint8Array }> {
  const { file, at, expiresAt } = await begun(files);
  const chunk = bytes(BYTES);
  await files.put(file, 0, chunk);
  await files.finish(file, at, expiresAt);
  return { file, chunk };
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(temporaryFolder(), 'conclave-files-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test('a chunk that was half written when the gateway died is none, and can be stored', async () => {
  const { files, dataDir } = await storesForTest();
  const { file } = await begun(files);
  const folder = join(dataDir, 'files', file.slice(0, 2), file);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, '0.part'), bytes(10));
  expect(await files.held(file)).toEqual([]);
  expect(await files.chunk(file, 0)).toBeUndefined();
  expect(await files.finish(file, 1, 2)).toBe('incomplete');
  const chunk = bytes(BYTES);
  expect(await files.put(file, 0, chunk)).toBe('stored');
  expect(await files.chunk(file, 0)).toStrictEqual(chunk);
  expect(await readdir(folder)).toEqual(['0']);
});

test('a removal that was cut short is completed by the next gateway on the same data', async () => {
  const dataDir = await newFolder();
  const open = () => openEmbeddedStores({ dataDir, telemetry: silentTelemetry() });
  const first = open();
  await first.start();
  const { file } = await finished(first.files);
  await first.files.discard(file);
  await first.close();
  const second = open();
  await second.start();
  onTestFinished(() => second.close());
  expect(await second.files.find(file)).toBeUndefined();
  await second.files.reclaim(Date.now());
  expect(await second.files.held(file)).toEqual([]);
});

test('a clock that jumped ahead removes no file, and what was discarded goes all the same', async () => {
  const clock = { aheadMs: 0 };
  const dataDir = await newFolder();
  const stores = openEmbeddedStores({
    dataDir,
    telemetry: silentTelemetry(),
    now: () => Date.now() + clock.aheadMs,
    monotonicNow: () => performance.now(),
  });
  await stores.start();
  onTestFinished(() => stores.close());
  const [kept, gone] = [await finished(stores.files), await finished(stores.files)];
  clock.aheadMs = 30 * dayMs;
  await stores.files.discard(gone.file);
  await stores.files.reclaim(Date.now() + clock.aheadMs);
  expect(await stores.files.chunk(kept.file, 0)).toStrictEqual(kept.chunk);
  expect(await stores.files.chunk(gone.file, 0)).toBeUndefined();
});

test('a backup holds the finished files, and nothing of others', async () => {
  const { files, dataDir } = await storesForTest();
  const whole = await finished(files);
  const discarded = await finished(files);
  await files.discard(discarded.file);
  const open = await begun(files);
  await files.put(open.file, 0, bytes(BYTES));
  const target = join(await newFolder(), 'copy');
  await backUpStore(dataDir, target);
  const copy = openEmbeddedStores({ dataDir: target, telemetry: silentTelemetry() });
  await copy.start();
  onTestFinished(() => copy.close());
  expect(await copy.files.chunk(whole.file, 0)).toStrictEqual(whole.chunk);
  expect(await copy.files.find(whole.file)).toMatchObject({ isWhole: true });
  for (const { file } of [discarded, open]) expect(await copy.files.held(file)).toEqual([]);
});

test('what the system refuses is Unavailable, and leaves the chunk missing', async () => {
  const { files, dataDir } = await storesForTest();
  const { file } = await begun(files);
  // A file stands where the folder of this file is to be.
  await mkdir(join(dataDir, 'files', file.slice(0, 2)), { recursive: true });
  await writeFile(join(dataDir, 'files', file.slice(0, 2), file), '');
  await expect(files.put(file, 0, bytes(BYTES))).rejects.toBeInstanceOf(Unavailable);
  await rm(join(dataDir, 'files', file.slice(0, 2), file));
  expect(await files.put(file, 0, bytes(BYTES))).toBe('stored');
});

test('a chunk that would take from the reserve of the disk is refused, and stored once there is room', async () => {
  const dataDir = await newFolder();
  const withReserve = async (diskReserveBytes: number) => {
    const stores = openEmbeddedStores({ dataDir, diskReserveBytes, telemetry: silentTelemetry() });
    await stores.start();
    return stores;
  };
  const roomy = await withReserve(1);
  const { file, at, expiresAt } = await begun(roomy.files);
  await roomy.close();
  const full = await withReserve(2 ** 50);
  const chunk = bytes(BYTES);
  await expect(full.files.put(file, 0, chunk)).rejects.toBeInstanceOf(Unavailable);
  expect(full.isFull()).toBe(true);
  expect(await full.files.held(file)).toEqual([]);
  await full.close();
  const again = await withReserve(1);
  onTestFinished(() => again.close());
  expect(await again.files.put(file, 0, chunk)).toBe('stored');
  expect(await again.files.finish(file, at, expiresAt)).toBe('finished');
});
