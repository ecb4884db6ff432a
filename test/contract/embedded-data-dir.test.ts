import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'lmdb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { backUpStore } from '../../src/adapters/embedded/back-up-store.ts';
import { openEmbeddedStores } from '../../src/adapters/embedded/open-embedded-stores.ts';
import { SCHEMA_NUMBER } from '../../src/adapters/embedded/schema-number.ts';
import { StartRefused, type StoreBackend } from '../../src/ports/backend.ts';
import { eventually } from '../support/eventually.ts';
import { silentTelemetry } from '../support/ports/silent-telemetry.ts';
import { StoreWriter } from './support-embedded-child.ts';
import { anyAccount, anyRoomId } from './support-store.ts';

const inUse = { name: 'StartRefused', reason: 'data_dir_in_use' };
const childDeadline = { pauseMs: 20 };

describe('the data directory', () => {
  let base: string;
  let dataDir: string;
  const opened: StoreBackend[] = [];
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'conclave-dir-'));
    dataDir = join(base, 'data');
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((store) => store.close()));
    await rm(base, { recursive: true });
  });

  function stores(dir = dataDir, heard: Parameters<typeof silentTelemetry>[0] = {}): StoreBackend {
    const store = openEmbeddedStores({ dataDir: dir, telemetry: silentTelemetry(heard) });
    opened.push(store);
    return store;
  }

  it('and its files are made for their owner alone', async () => {
    await stores(join(dataDir, 'deeper')).start();
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
    expect((await stat(join(dataDir, 'deeper'))).mode & 0o777).toBe(0o700);
    expect((await stat(join(dataDir, 'deeper', 'data.mdb'))).mode & 0o777).toBe(0o600);
  });

  it('that others can read is used as it is, with a warning', async () => {
    await mkdir(dataDir, { mode: 0o755 });
    const warn = vi.fn();
    await stores(dataDir, { warn }).start();
    expect(warn).toHaveBeenCalledWith('data_dir_open_to_others');
    expect((await stat(dataDir)).mode & 0o777).toBe(0o755);
  });

  it('that can not be made refuses the start', async () => {
    await writeFile(dataDir, 'a file');
    await expect(stores(join(dataDir, 'below')).start()).rejects.toMatchObject({ reason: 'configuration' });
  });

  /** Of a store with an account. */
  async function damaged(damage: (path: string) => Promise<unknown>): Promise<void> {
    const store = stores();
    await store.start();
    await store.identities.create(anyAccount());
    await store.close();
    await damage(join(dataDir, 'data.mdb'));
  }

  it.each([
    ['was cut short', (path: string) => truncate(path, 3 * 4096)],
    ['ends within its first pages', (path: string) => truncate(path, 5000)],
    ['is no store at all', (path: string) => writeFile(path, randomBytes(64 * 1024))],
    [
      'has lost all but its first pages',
      async (path: string) => {
        const { size } = await stat(path);
        await truncate(path, 2 * 4096);
        await truncate(path, size);
      },
    ],
  ])('whose file %s refuses the start in words, each time', async (_what, damage) => {
    await damaged(damage);
    const refused = {
      name: 'StartRefused',
      reason: 'configuration',
      message: expect.stringMatching(/data\.mdb is damaged or cut short: restore .* from a backup/),
    };
    await expect(stores().start()).rejects.toMatchObject(refused);
    await expect(stores().start()).rejects.toMatchObject(refused);
  });

  it('whose file was cut short is not backed up', async () => {
    await damaged((path) => truncate(path, 3 * 4096));
    await expect(backUpStore(dataDir, join(base, 'backup'))).rejects.toThrow('is damaged or cut short');
  });

  it('is used by one of two that start at the same time, and by the other after it closed', async () => {
    const [first, second] = [stores(), stores()];
    const starts = await Promise.allSettled([first.start(), second.start()]);
    const started = starts.findIndex(({ status }) => status === 'fulfilled');
    expect(starts[1 - started]).toMatchObject({ status: 'rejected', reason: inUse });
    const [winner, loser] = started === 0 ? [first, second] : [second, first];
    await winner.identities.create(anyAccount());
    await winner.close();
    await expect(loser.start()).resolves.toBeUndefined();
    expect(existsSync(join(dataDir, 'gateway.sock'))).toBe(true);
    await loser.close();
    expect(existsSync(join(dataDir, 'gateway.sock'))).toBe(false);
  });

  it('of another living process is refused, also while that process is stopped', async () => {
    await using other = new StoreWriter(dataDir, anyRoomId());
    await eventually(() => expect(other.acknowledged.length).toBeGreaterThan(0), childDeadline);
    await expect(stores().start()).rejects.toThrow(StartRefused);
    await expect(stores().start()).rejects.toMatchObject(inUse);
    other.signal('SIGSTOP');
    await expect(stores().start()).rejects.toMatchObject(inUse);
    await expect(backUpStore(dataDir, join(base, 'backup'))).rejects.toMatchObject(inUse);
  });

  it('that a killed process left behind is taken by one of several processes', async () => {
    const dead = new StoreWriter(dataDir, anyRoomId());
    await eventually(() => expect(dead.said).toEqual(['ready']), childDeadline);
    await dead.kill();
    expect(existsSync(join(dataDir, 'gateway.sock'))).toBe(true);
    const room = anyRoomId();
    await using one = new StoreWriter(dataDir, room);
    await using other = new StoreWriter(dataDir, room);
    await eventually(() => expect([one.said, other.said].flat()).toHaveLength(2), childDeadline);
    expect([one.said, other.said].flat().toSorted()).toEqual(['ready', 'refused data_dir_in_use']);
  });

  /** As another process that is about to open the store; resolves when the gateway has agreed. */
  async function held(): Promise<Socket> {
    const socket = connect(join(dataDir, 'gateway.sock'));
    socket.write('h');
    const refused = once(socket, 'close').then(() => {
      throw new Error('the gateway turned it away');
    });
    await Promise.race([once(socket, 'data'), refused]);
    refused.catch(() => undefined);
    return socket;
  }

  it('gets no commit while another process opens the store, for a limited time', async () => {
    const store = stores();
    await store.start();
    const order: string[] = [];
    const noted = async (name: string, what: Promise<unknown>): Promise<void> => {
      await what;
      order.push(name);
    };
    const first = await held();
    // A second one is turned away, so that nobody holds the writes for ever.
    await expect(held()).rejects.toThrow('turned it away');
    const end = noted('its end', once(first, 'close'));
    await noted('a write', store.identities.create(anyAccount()));
    await end;
    expect(order).toEqual(['its end', 'a write']);
    const second = await held();
    second.destroy();
    await store.identities.create(anyAccount());
  });

  it('is not backed up while its gateway does not pause its writes', async () => {
    await damaged(async () => undefined);
    const deaf = createServer((socket) => socket.destroy()).listen(join(dataDir, 'gateway.sock'));
    await once(deaf, 'listening');
    await expect(backUpStore(dataDir, join(base, 'backup'))).rejects.toMatchObject(inUse);
    deaf.close();
    await expect(backUpStore(dataDir, join(base, 'other'))).resolves.toBeUndefined();
  });

  it('may have a longer path than a socket address holds', async () => {
    const deep = join(base, 'x'.repeat(120), 'y'.repeat(120));
    await stores(deep).start();
    expect(existsSync(join(deep, 'gateway.sock'))).toBe(true);
    await expect(stores(deep).start()).rejects.toMatchObject(inUse);
    await opened[0]?.close();
    expect(existsSync(join(deep, 'gateway.sock'))).toBe(false);
    await expect(stores(deep).start()).resolves.toBeUndefined();
  });

  it('with a newer schema refuses the start, and is left as it is', async () => {
    const store = stores();
    await store.start();
    await store.close();
    const raise = async (): Promise<void> => {
      const root = open({ path: dataDir, overlappingSync: false });
      await root
        .openDB('meta', { encoding: 'binary', keyEncoding: 'binary' })
        .put(Buffer.from('schema'), Buffer.from(`${SCHEMA_NUMBER + 1}`));
      await root.close();
    };
    await raise();
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await expect(stores().start()).rejects.toMatchObject({
        name: 'StartRefused',
        reason: 'schema_too_new',
      });
    }
  });
});
