import { execFileSync, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'lmdb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { utf8 } from '../../src/protocol/bytes.ts';
import { parseRoomId } from '../../src/protocol/ids.ts';
import { bundledProgram } from '../../test/support/programs/bundled-program.ts';
import { countUp } from '../../test/support/sdk/counter.ts';
import { type LmdbEnvironment, openLmdbEnvironment } from './lmdb-environment.ts';

let directory = '';
let path = '';
const dataKey = randomBytes(32);

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'conclave-state-'));
  path = join(directory, 'state');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const program = bundledProgram(new URL('../../test/support/sdk/count-up.ts', import.meta.url));

function counter(times: number): ReturnType<typeof fork> {
  return fork(program, [path, dataKey.toString('hex'), String(times)]);
}

async function count({ state }: LmdbEnvironment): Promise<number> {
  return Number(new TextDecoder().decode(await state.get('reads', 'counter')) || 0);
}

/**
 * Does to the lock file what another process does if it opens the environment while this one commits. It runs in a separate process,
 * because closing the lock file here would drop this process's own locks.
 */
const setBack = `
const fs = require('node:fs');
const [number, file] = [Buffer.alloc(8), fs.openSync(process.argv[1], 'r+')];
fs.readSync(file, number, 0, 8, 8);
number.writeBigUInt64LE(number.readBigUInt64LE() - 1n);
fs.writeSync(file, number, 0, 8, 8);`;

describe('the state on disk', () => {
  test('keeps, lists and deletes records, and is there again after reopening', async () => {
    const disk = await openLmdbEnvironment(path, dataKey);
    await disk.state.update('reads', 'a', () => ({ value: utf8('1'), result: undefined }));
    await disk.state.update('reads', 'b', () => ({ value: utf8('2'), result: undefined }));
    await disk.state.update('secrets', 'a', () => ({ value: utf8('3'), result: undefined }));
    await disk.state.update('reads', 'a', () => ({ value: 'deleted', result: undefined }));
    await disk.close();

    const again = await openLmdbEnvironment(path, dataKey);
    expect(await again.state.list('reads')).toEqual([{ key: 'b', value: utf8('2') }]);
    expect(await again.state.get('secrets', 'a')).toEqual(utf8('3'));
    expect(await again.state.get('reads', 'a')).toBeUndefined();
    await again.close();
  });

  test('lets others go on while it lists many records, and lists them as they were when it began', async () => {
    const disk = await openLmdbEnvironment(path, dataKey);
    const keys = Array.from({ length: 1_500 }, (_, at) => String(at).padStart(4, '0'));
    const put = (key: string, value: string): Promise<void> =>
      disk.state.update('timers', key, () => ({ value: utf8(value), result: undefined }));
    await Promise.all(keys.map((key) => put(key, 'before')));
    let turns = 0;
    let isListed = false;
    const takeTurns = (): void => {
      turns += 1;
      if (!isListed) setImmediate(takeTurns);
    };
    setImmediate(takeTurns);
    const listing = disk.state.list('timers');
    const written = put('1499', 'after');
    const records = await listing;
    isListed = true;
    await written;
    expect(turns).toBeGreaterThanOrEqual(5);
    expect(records.map(({ key }) => key)).toEqual(keys);
    expect(new Set(records.map(({ value }) => new TextDecoder().decode(value)))).toEqual(new Set(['before']));
    expect(await disk.state.get('timers', '1499')).toEqual(utf8('after'));
    await disk.close();
  });

  test('refuses to write while its folder is away, and goes on when it is back', async () => {
    const disk = await openLmdbEnvironment(path, dataKey);
    const put = (value: string): Promise<void> =>
      disk.state.update('reads', 'a', () => ({ value: utf8(value), result: undefined }));
    await rename(directory, `${directory}-away`);
    await expect(put('1')).rejects.toMatchObject({
      code: 'profile_unwritable',
      message: `${directory} was moved or deleted while it was in use: put it back, or start again`,
    });
    await rename(`${directory}-away`, directory);
    await put('2');
    expect(await disk.state.get('reads', 'a')).toEqual(utf8('2'));
    await disk.close();
  });

  test('closes when what was begun is on the disk, and takes nothing more', async () => {
    const disk = await openLmdbEnvironment(path, dataKey);
    const put = (at: number): Promise<number> =>
      disk.state.update('reads', `r${at}`, () => ({ value: utf8(`${at}`), result: at }));
    const begun = Array.from({ length: 50 }, (_, at) => put(at));
    const closing = disk.close();
    const closed = { code: 'closed' };
    await expect(put(50)).rejects.toMatchObject(closed);
    await expect(disk.state.get('reads', 'r0')).rejects.toMatchObject(closed);
    await expect(disk.chains.forget(parseRoomId('00'.repeat(16)) ?? expect.fail(), 1)).rejects.toMatchObject(
      closed,
    );
    await closing;
    expect(await Promise.all(begun)).toHaveLength(50);
    const again = await openLmdbEnvironment(path, dataKey);
    expect(await again.state.list('reads')).toHaveLength(50);
    await again.close();
  });

  test('is readable by nobody else, and holds no value in the clear', async () => {
    const disk = await openLmdbEnvironment(path, dataKey);
    const secret = 'a-token-that-nobody-may-read';
    await disk.state.update('session', 'token', () => ({ value: utf8(secret), result: undefined }));
    await disk.close();
    for (const file of [path, `${path}-lock`]) expect((await stat(file)).mode & 0o077).toBe(0);
    expect((await readFile(path)).includes(secret)).toBe(false);
  });

  test('does not open under another data key', async () => {
    const disk = await openLmdbEnvironment(path, dataKey);
    await disk.state.update('session', 'token', () => ({ value: utf8('x'), result: undefined }));
    await disk.close();
    const other = await openLmdbEnvironment(path, randomBytes(32));
    await expect(other.state.get('session', 'token')).rejects.toMatchObject({ code: 'no_profile' });
    await other.close();
  });

  test('tells a record that was changed on the disk, and gives the others', async () => {
    const disk = await openLmdbEnvironment(path, dataKey);
    for (const key of ['a', 'b'])
      await disk.state.update('reads', key, () => ({ value: utf8(key), result: undefined }));
    const raw = open<Uint8Array, string>({ path, noSubdir: true, encoding: 'binary' });
    const sealed = new Uint8Array(raw.get('reads/a') ?? expect.unreachable());
    sealed[20] = (sealed[20] ?? 0) ^ 1;
    await raw.put('reads/a', sealed);
    await raw.close();
    const damaged = { code: 'no_profile', message: expect.stringContaining('damaged') };
    await expect(disk.state.get('reads', 'a')).rejects.toMatchObject(damaged);
    await expect(disk.state.list('reads')).rejects.toMatchObject(damaged);
    await expect(disk.state.update('reads', 'a', () => ({ result: 1 }))).rejects.toMatchObject(damaged);
    expect(await disk.state.get('reads', 'b')).toEqual(utf8('b'));
    await disk.close();
  });

  test('loses no update of two processes that change the same record at once', async () => {
    const processes = [counter(200), counter(200)];
    const exits = await Promise.all(processes.map((child) => once(child, 'exit')));
    expect(exits).toEqual([
      [0, null],
      [0, null],
    ]);
    const disk = await openLmdbEnvironment(path, dataKey);
    expect(await count(disk)).toBe(400);
    await disk.close();
  });

  test.runIf(process.platform === 'linux')(
    'loses no update when another process sets the number of the last transaction back, as LMDB does when it opens',
    async () => {
      const disk = await openLmdbEnvironment(path, dataKey);
      expect([await countUp(disk.state), await countUp(disk.state)]).toEqual([1, 2]);
      execFileSync(process.execPath, ['-e', setBack, `${path}-lock`]);
      expect(await Promise.all([countUp(disk.state), countUp(disk.state)])).toEqual([3, 4]);
      execFileSync(process.execPath, ['-e', setBack, `${path}-lock`]);
      const room = parseRoomId('01'.repeat(16)) ?? expect.unreachable();
      await disk.chains.transaction(room, () => undefined);
      expect(await count(disk)).toBe(4);
      await disk.close();
    },
  );

  test('survives a process that is killed while it writes, and its lock goes with it', async () => {
    const disk = await openLmdbEnvironment(path, dataKey);
    const child = counter(1_000_000);
    let acknowledged = 0;
    child.on('message', (message) => {
      acknowledged = Number(message);
    });
    await expect.poll(() => acknowledged).toBeGreaterThan(50);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const kept = await count(disk);
    expect(kept).toBeGreaterThanOrEqual(acknowledged);
    await disk.state.update('reads', 'counter', () => ({ value: utf8('0'), result: undefined }));
    expect(await count(disk)).toBe(0);
    await disk.close();
  });
});
