import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { utf8 } from '../../src/protocol/bytes.ts';
import { parseRoomId } from '../../src/protocol/ids.ts';
import { withEndlessRecords } from '../../test/support/endless-records.ts';
import { bundledProgram } from '../../test/support/programs/bundled-program.ts';
import type { CacheChange, MessageCache } from '../sdk/storage/message-cache.ts';
import { openMessageCache } from './open-message-cache.ts';

const reader = bundledProgram(new URL('../../test/support/sdk/read-cache.ts', import.meta.url));

const room = parseRoomId('5'.repeat(32)) ?? expect.unreachable();
const NOW = Date.now();
const month = { days: 30, after: 0 };
const dataKey = randomBytes(32);
const secret = 'a text that nobody else may read';
let directory = '';
let path = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'conclave-cache-'));
  path = join(directory, 'cache');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const entries = (count: number): CacheChange[] =>
  Array.from({ length: count }, (_, i) => ({ room, seq: i + 1, at: NOW, value: utf8(`${secret} ${i + 1}`) }));

async function filled(count: number): Promise<void> {
  const { cache, close } = await openMessageCache(path, dataKey);
  await cache.terms(room, month, NOW);
  await cache.write(entries(count), NOW);
  await close();
}

/** Everything that a reader does with the cache; whether it worked. */
async function use(cache: MessageCache): Promise<boolean> {
  try {
    await cache.terms(room, { days: 29, after: 0 }, NOW);
    await cache.write(entries(50), NOW);
    for (let seq = 1; seq <= 50; seq += 1) await cache.get(room, seq);
    let found = 0;
    for await (const _ of cache.newest(undefined, NOW)) found += 1;
    return found >= 50;
  } catch {
    return false;
  }
}

/** What ended a process that read all records; with `signal` it ends itself so, and has closed nothing. */
async function signalOfReader(file: string, signal = ''): Promise<string | null> {
  const child = fork(reader, [file, dataKey.toString('hex'), signal], { stdio: 'ignore' });
  const [, ended] = await once(child, 'exit');
  return ended;
}

describe('the cache on disk', () => {
  test('is there again after reopening, for this user alone, and shows no text', async () => {
    await filled(20);
    for (const file of [path, `${path}-lock`]) expect((await stat(file)).mode & 0o077).toBe(0);
    expect((await readFile(path)).includes(secret)).toBe(false);
    const { cache, close } = await openMessageCache(path, dataKey);
    expect(await cache.get(room, 7)).toEqual(utf8(`${secret} 7`));
    await close();
  });

  test('gives nothing under another key', async () => {
    await filled(3);
    const { cache, close } = await openMessageCache(path, randomBytes(32));
    expect(await cache.get(room, 1)).toBeUndefined();
    await close();
  });

  test('takes a record that was changed for none', async () => {
    await filled(1);
    const bytes = await readFile(path);
    // The sealed value stands behind its key.
    const start = bytes.lastIndexOf('entry') + 'entry'.length + room.length + 16;
    for (let at = start; at < start + 48; at += 3) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 0x40;
      await writeFile(path, changed);
      const { cache, close } = await openMessageCache(path, dataKey);
      expect(await cache.get(room, 1), `byte ${at - start}`).toBeUndefined();
      await close();
    }
  });

  test.each([
    ['is no database', () => writeFile(path, Buffer.alloc(20_000, 7))],
    ['was cut short', () => truncate(path, 12_288)],
    ['was cut to a stump', () => truncate(path, 100)],
    ['was emptied', () => truncate(path, 0)],
  ])('begins anew when its file %s', async (_, damage) => {
    await filled(500);
    await damage();
    const { cache, close } = await openMessageCache(path, dataKey);
    expect(await use(cache)).toBe(true);
    await close();
  });

  test('is not lost to those who still ask while it closes', async () => {
    await filled(3);
    const { cache, close } = await openMessageCache(path, dataKey);
    const closing = close();
    await Promise.allSettled([cache.get(room, 1), cache.write(entries(1), NOW)]);
    await closing;
    await expect(cache.get(room, 1)).rejects.toThrow();
    const again = await openMessageCache(path, dataKey);
    expect(await again.cache.get(room, 2)).toEqual(utf8(`${secret} 2`));
    await again.close();
  });

  test.runIf(process.platform === 'linux')(
    'is replaced after damaged pages have crashed a process',
    async () => {
      await filled(500);
      const whole = await openMessageCache(path, dataKey);
      expect(whole.isReplaced).toBe(false);
      await whole.close();
      await writeFile(path, withEndlessRecords(await readFile(path), 'entry'));
      expect(await signalOfReader(path)).toMatch(/^SIG(BUS|SEGV|ABRT)$/);
      const again = await openMessageCache(path, dataKey);
      expect(again.isReplaced).toBe(true);
      expect(await use(again.cache)).toBe(true);
      await again.close();
    },
  );

  test('is kept when a process was killed that had it open', async () => {
    await filled(3);
    expect(await signalOfReader(path, 'SIGKILL')).toBe('SIGKILL');
    const { cache, isReplaced, close } = await openMessageCache(path, dataKey);
    expect(isReplaced).toBe(false);
    expect(await cache.get(room, 2)).toEqual(utf8(`${secret} 2`));
    await close();
  });

  test('fails without ending the process when its pages are damaged, and begins anew the next time', async () => {
    await filled(500);
    const bytes = await readFile(path);
    await writeFile(path, bytes.fill(0x55, 8192));
    const damaged = await openMessageCache(path, dataKey);
    expect(await use(damaged.cache)).toBe(false);
    await damaged.close();
    const again = await openMessageCache(path, dataKey);
    expect(await use(again.cache)).toBe(true);
    await again.close();
  });
});
