import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { LmdbLink } from '../../src/adapters/embedded/lmdb-link.ts';
import type { WriteView } from '../../src/adapters/embedded/write-lane.ts';
import { StartRefused } from '../../src/ports/backend.ts';
import { Unavailable } from '../../src/ports/unavailable.ts';
import { silentTelemetry } from '../support/ports/silent-telemetry.ts';
import { mountSmallDisk, skipUnlessMountable } from '../support/services/small-disk.ts';

const MIB = 1024 * 1024;
const RESERVE_BYTES = 16 * MIB;
const VALUE_BYTES = 256 * 1024;

const freeBytes = (path: string): number => {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
};

const key = (index: number): Buffer => Buffer.from(`value-${index}`);

test('writes fill the disk up to the reserve, are refused after that, and none that was acknowledged is lost', async (context) => {
  skipUnlessMountable(context);
  using disk = mountSmallDisk(64);
  const dir = join(disk.path, 'data');
  const warn = vi.fn();
  const link = new LmdbLink(dir, RESERVE_BYTES, silentTelemetry({ warn }));
  await link.open();
  const taken: number[] = [];
  const refusals: unknown[] = [];
  for (let round = 0; refusals.length === 0; round += 1) {
    const writes = Array.from({ length: 16 }, async (_, i) => {
      const index = round * 16 + i;
      const value = Buffer.alloc(VALUE_BYTES, index);
      await link
        .write('test', (view) => view.put('meta', key(index), value))
        .then(
          () => taken.push(index),
          (error: unknown) => refusals.push(error),
        );
    });
    await Promise.all(writes);
  }
  expect(refusals[0]).toBeInstanceOf(Unavailable);
  expect([link.isUp, link.isFull]).toEqual([false, true]);
  expect(warn.mock.calls.map(([event]: unknown[]) => event)).toEqual(['store_full']);
  // Close to the reserve, and not into it.
  expect(freeBytes(dir)).toBeGreaterThanOrEqual(RESERVE_BYTES);
  expect(taken.length * VALUE_BYTES).toBeGreaterThan(24 * MIB);
  await link.close();

  const again = new LmdbLink(dir, RESERVE_BYTES, silentTelemetry());
  onTestFinished(() => again.close());
  await again.open();
  for (const index of taken) {
    const value = await again.read('test', (reader) => reader.get('meta', key(index)));
    expect(value?.length).toBe(VALUE_BYTES);
  }
});

test('what reading needs is still written on a disk with half of the reserve left, and nothing is with less', async (context) => {
  skipUnlessMountable(context);
  using disk = mountSmallDisk(64);
  const dir = join(disk.path, 'data');
  const link = new LmdbLink(dir, RESERVE_BYTES, silentTelemetry());
  await link.open();
  onTestFinished(() => link.close());
  const leave = (bytes: number): void =>
    writeFileSync(join(disk.path, `ballast-${bytes}`), Buffer.alloc(freeBytes(dir) - bytes));
  const put = (view: WriteView): void => view.put('meta', key(1), Buffer.from('span'));
  leave(RESERVE_BYTES * 0.75);
  await expect(link.writeAlone('test', put)).rejects.toThrow(Unavailable);
  await link.writeAlone('test', put, { fromReserve: true });
  expect([link.isUp, link.isFull]).toEqual([false, true]);
  leave(RESERVE_BYTES * 0.25);
  await expect(link.writeAlone('test', put, { fromReserve: true })).rejects.toThrow(Unavailable);
});

test('a new store is not made on a disk without room, and one that is there opens and cannot be written', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'conclave-full-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const more = freeBytes(dir) + 1024 * MIB * 1024;
  const refused = new LmdbLink(dir, more, silentTelemetry());
  await expect(refused.open()).rejects.toThrow(StartRefused);
  await expect(refused.open()).rejects.toThrow('CONCLAVE_DISK_RESERVE_BYTES');

  const roomy = new LmdbLink(dir, MIB, silentTelemetry());
  await roomy.open();
  await roomy.write('test', (view) => view.put('meta', key(1), Buffer.from('kept')));
  await roomy.close();
  const full = new LmdbLink(dir, more, silentTelemetry());
  onTestFinished(() => full.close());
  await full.open();
  expect([full.isUp, full.isFull]).toEqual([false, true]);
  await expect(full.write('test', (view) => view.put('meta', key(2), Buffer.from('x')))).rejects.toThrow(
    Unavailable,
  );
  const kept = await full.read('test', (reader) => reader.get('meta', key(1)));
  expect(Buffer.from(kept ?? []).toString()).toBe('kept');
});
