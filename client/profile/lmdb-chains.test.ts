import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'lmdb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseChainId, parseMessageId, parseRoomId, parseUserId } from '../../src/protocol/ids.ts';
import type { ChainStore } from '../crypto/chain-store.ts';
import { type LmdbEnvironment, openLmdbEnvironment } from './lmdb-environment.ts';

const room = parseRoomId('1'.repeat(32)) ?? expect.unreachable();
const sender = parseUserId('2'.repeat(32)) ?? expect.unreachable();
const chain = parseChainId('3'.repeat(32)) ?? expect.unreachable();
const message = parseMessageId('4'.repeat(32)) ?? expect.unreachable();
const name = { sender, chain };
const headerHash = new Uint8Array(32).fill(7);
const record = { position: 5, number: 1, headerHash, previousHash: headerHash };
const pieces = { retention: 30, pieces: [{ from: 1, through: 9, at: 4 }] };

const dataKey = randomBytes(32);
let directory = '';
let path = '';
let disk: LmdbEnvironment;

/** What a room may hold, written and read. */
async function writeAll(store: ChainStore): Promise<void> {
  await store.transaction(room, (chains, opened, read) => {
    chains(name).restart({ position: 2, number: 0 });
    chains(name).add(record, message);
    opened.add(5, headerHash);
    read.put(pieces);
  });
}

const readings: Readonly<Record<string, (store: ChainStore) => Promise<unknown>>> = {
  record: (store) => store.lastOf(room, name),
  floor: (store) => store.transaction(room, (chains) => chains(name).floor()),
  id: (store) => store.transaction(room, (chains) => chains(name).positionOf(message)),
  header: (store) => store.lastOpened(room),
  read: (store) => store.transaction(room, (_, _opened, read) => read.get()),
};

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'conclave-chains-'));
  path = join(directory, 'state');
  disk = await openLmdbEnvironment(path, dataKey);
  await writeAll(disk.chains);
});
afterEach(async () => {
  await disk.close();
  await rm(directory, { recursive: true, force: true });
});

describe('chains on disk', () => {
  test('are there again after reopening', async () => {
    await disk.close();
    disk = await openLmdbEnvironment(path, dataKey);
    const found = await Promise.all(Object.values(readings).map((reading) => reading(disk.chains)));
    expect(found).toEqual([record, { position: 2, number: 0 }, 5, { position: 5, headerHash }, pieces]);
  });

  test.each([
    ['record', ['chain', room, sender + chain, 5]],
    ['floor', ['floor', room, sender + chain]],
    ['id', ['id', room, sender + message]],
    ['header', ['header', room, 5]],
    ['read', ['read', room]],
  ] as const)('are told to be damaged, and not believed, where a %s was cut short', async (kind, key) => {
    const raw = open<Uint8Array, (string | number)[]>({ path, noSubdir: true, encoding: 'binary' });
    const value = raw.get([...key]) ?? expect.unreachable();
    await raw.put([...key], value.subarray(0, value.length - 3));
    await raw.close();
    await expect(readings[kind]?.(disk.chains)).rejects.toMatchObject({ code: 'no_profile' });
  });
});
