import { MongoClient } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { databaseName } from '../../src/adapters/mongo/database-name.ts';
import { openMongo } from '../../src/adapters/mongo/open-mongo.ts';
import { applyChange } from '../../src/domain/roster.ts';
import { StartRefused, type StoreBackend } from '../../src/ports/backend.ts';
import type { NewMessage } from '../../src/ports/message-store.ts';
import { Unavailable } from '../../src/ports/unavailable.ts';
import {
  anyAccount,
  anyMember,
  anyMessage,
  anyRecord,
  anyRoomId,
  anyUserId,
  bytes,
} from '../contract/support-store.ts';
import { everything, one, soon } from '../contract/support-store-messages.ts';
import { mongoTimeoutMs, newDatabaseUrl, openMongoAt } from '../contract/support-store-mongo.ts';
import { joins } from '../contract/support-store-roster.ts';
import { PATIENCE_MS } from '../support/cluster/patience.ts';
import { eventually, quickestWithin } from '../support/eventually.ts';
import { silentTelemetry } from '../support/ports/silent-telemetry.ts';
import { type MongoServer, startMongoServer } from '../support/services/mongo-server.ts';
import { freePort } from '../support/services/server-process.ts';

/** What a client is promised. */
const refusedWithinMs = 500;

/** Every call of every store, by name. */
function everyCall({
  identities,
  secrets,
  rooms,
  messages,
}: StoreBackend): Readonly<Record<string, () => Promise<unknown>>> {
  const account = anyAccount();
  const record = anyRecord();
  const message = anyMessage();
  return {
    'identities.create': () => identities.create(account),
    'identities.byName': () => identities.byName(account.folded),
    'identities.byIds': () => identities.byIds([account.user]),
    'identities.chain': () => identities.chain(account.user, 0, 1),
    'identities.revoke': () => identities.revoke({ user: account.user, notBefore: 1 }),
    'identities.revocations': () => identities.revocations(0, undefined, 1),
    'identities.revocationsOf': () => identities.revocationsOf([account.user]),
    'secrets.ensure': () =>
      secrets.ensure(async () => ({ tokenSecrets: [], decoySecret: bytes(32), decoyKeys: [] })),
    'rooms.create': () => rooms.create(record),
    'rooms.byName': () => rooms.byName(record.folded),
    'rooms.byId': () => rooms.byId(record.room),
    'rooms.update': () => rooms.update(record.room, joins(2, anyMember())),
    'rooms.changes': () => rooms.changes(record.room, 1, 1_000),
    'rooms.delete': () => rooms.delete(record.room, 1),
    'rooms.raiseCeiling': () => rooms.raiseCeiling(record.room, 0, 1),
    'rooms.raiseSettled': () => rooms.raiseSettled(record.room, 1),
    'rooms.settledThrough': () => rooms.settledThrough(record.room),
    'rooms.roomsOf': () => rooms.roomsOf(account.user, undefined, 1),
    'rooms.countRoomsOf': () => rooms.countRoomsOf(account.user),
    'rooms.summaries': () => rooms.summaries([record.room]),
    'rooms.listed': () => rooms.listed('', undefined, 1),
    'messages.append': () => messages.append([message]),
    'messages.find': () => messages.find(message.room, message.sender, message.messageId),
    'messages.page': () => messages.page(message.room, message.sender, everything),
    'messages.settle': () => messages.settle(message.room, [one(1)], soon()),
    'messages.purge': () => messages.purge(message.room),
  };
}

async function expectAllRefusedInTime(store: StoreBackend): Promise<void> {
  await quickestWithin(refusedWithinMs, async () => {
    const startedMs = performance.now();
    const outcomes = await Promise.allSettled(Object.values(everyCall(store)).map((call) => call()));
    const tookMs = performance.now() - startedMs;
    for (const [i, name] of Object.keys(everyCall(store)).entries()) {
      const failure = outcomes[i]?.status === 'rejected' ? outcomes[i].reason : undefined;
      expect(failure, name).toBeInstanceOf(Unavailable);
      expect(failure, name).toMatchObject({ service: 'store', cause: expect.any(Error) });
    }
    return tookMs;
  });
  expect(store.isUp()).toBe(false);
}

/** Now or soon: on a busy machine one call may still take longer than its deadline. */
async function expectAllAnswered(store: StoreBackend): Promise<void> {
  for (const call of Object.values(everyCall(store))) await eventually(call);
}

describe('while MongoDB is away', () => {
  let mongo: MongoServer;
  let store: StoreBackend;
  beforeEach(async () => {
    mongo = await startMongoServer();
    store = openMongoAt(mongo.url);
    await store.start();
  });
  afterEach(async () => {
    await store.close();
    await mongo.stop();
  });

  it('because it stopped answering, every call is refused in time, and works again afterwards', async () => {
    await expectAllAnswered(store);
    mongo.pause();
    await expectAllRefusedInTime(store);
    await expectAllRefusedInTime(store);
    mongo.resume();
    await eventually(() => expect(store.isUp()).toBe(true));
    await expectAllAnswered(store);
  });

  it('because it was killed, every call is refused in time, and works again after a restart', async () => {
    await expectAllAnswered(store);
    await mongo.kill();
    await expectAllRefusedInTime(store);
    await expectAllRefusedInTime(store);
    await mongo.restart();
    await eventually(() => expect(store.isUp()).toBe(true));
    await expectAllAnswered(store);
  });

  it('an idle store finds out by itself', async () => {
    expect(store.isUp()).toBe(true);
    await mongo.kill();
    await eventually(() => expect(store.isUp()).toBe(false));
  });

  it('closing does not wait for it', async () => {
    mongo.pause();
    const pending = store.messages.page(anyRoomId(), anyUserId(), everything);
    const refused = expect(pending).rejects.toThrow(Unavailable);
    const startedMs = performance.now();
    await store.close();
    // The driver itself would look for a server for half a minute.
    expect(performance.now() - startedMs).toBeLessThan(15_000);
    await refused;
    mongo.resume();
  });

  it('the telemetry hears when it goes and comes and how operations end', async () => {
    const turns: boolean[] = [];
    const pages: string[] = [];
    const listening = openMongo({
      url: mongo.url,
      // Long enough for a busy machine, short enough to wait for.
      timeoutMs: 2_000,
      telemetry: silentTelemetry({
        storeUp: (up) => void turns.push(up),
        storeDone: (operation, outcome) => void (operation === 'page' && pages.push(outcome)),
      }),
    });
    await listening.start();
    await listening.messages.page(anyRoomId(), anyUserId(), everything);
    await mongo.kill();
    await expect(listening.messages.page(anyRoomId(), anyUserId(), everything)).rejects.toThrow(Unavailable);
    await mongo.restart();
    await eventually(() => expect(listening.isUp()).toBe(true));
    await listening.close();
    expect(turns).toEqual([true, false, true, false]);
    expect(pages).toEqual(['ok', 'unavailable']);
  });
});

describe('when MongoDB is killed in the middle of writing', () => {
  let mongo: MongoServer;
  let store: StoreBackend;
  beforeEach(async () => {
    mongo = await startMongoServer();
    store = openMongoAt(mongo.url, PATIENCE_MS);
    await store.start();
  });
  afterEach(async () => {
    await store.close();
    await mongo.stop();
  });

  /** Runs writers until MongoDB was killed under them, and starts it again. */
  async function killUnder(
    writers: number,
    write: () => Promise<void>,
    isEnough: () => boolean,
  ): Promise<void> {
    let killed = false;
    const running = Array.from({ length: writers }, async () => {
      while (!killed) await write();
    });
    const ended = Promise.allSettled(running);
    await eventually(() => expect(isEnough()).toBe(true));
    const kill = mongo.kill();
    killed = true;
    await kill;
    await mongo.restart();
    await ended;
    await eventually(() => expect(store.isUp()).toBe(true));
  }

  it('no message that was acknowledged is lost', async () => {
    const [room, reader] = [anyRoomId(), anyUserId()];
    const acknowledged: NewMessage[] = [];
    let seq = 0;
    const write = async (): Promise<void> => {
      seq += 1;
      const message = anyMessage({ room, seq, to: [reader] });
      const [outcome] = await store.messages.append([message]);
      if (outcome?.kind === 'stored') acknowledged.push(message);
    };
    await killUnder(4, write, () => acknowledged.length > 100);
    const rows = await store.messages.page(room, reader, { ...everything, limit: 100_000 });
    const kept = new Set(rows.filter((row) => row.kind === 'own').map((row) => row.seq));
    expect(acknowledged.filter((message) => !kept.has(message.seq))).toEqual([]);
  });

  it('a roster and its changes still agree', async () => {
    const record = anyRecord();
    await store.rooms.create(record);
    let acknowledged = 1;
    const join = async (): Promise<void> => {
      const version = acknowledged + 1;
      const outcome = await store.rooms.update(record.room, joins(version, anyMember({ since: version })));
      if (outcome === 'updated') acknowledged = version;
    };
    await killUnder(1, join, () => acknowledged > 30);
    const now = await store.rooms.byId(record.room);
    expect(now?.version).toBeGreaterThanOrEqual(acknowledged);
    const changes = (await store.rooms.changes(record.room, 1, 1_000)) ?? [];
    expect(changes).toHaveLength((now?.version ?? 0) - 1);
    expect(changes.reduce(applyChange, record.members)).toEqual(now?.members);
  });
});

describe('the start', () => {
  it('waits for a MongoDB that is not there yet', async () => {
    const port = await freePort();
    const heard: string[] = [];
    const store = openMongo({
      url: `mongodb://127.0.0.1:${port}`,
      timeoutMs: mongoTimeoutMs,
      telemetry: silentTelemetry({ warn: (event) => void heard.push(event) }),
    });
    const started = store.start();
    try {
      await eventually(() => expect(heard).toContain('store_not_ready'));
      expect(store.isUp()).toBe(false);
      await using mongo = await startMongoServer({ port });
      expect(mongo.port).toBe(port);
      await started;
      expect(store.isUp()).toBe(true);
      await expectAllAnswered(store);
      await store.close();
    } finally {
      await store.close();
    }
  });

  it('ends when the store is closed meanwhile', async () => {
    const store = openMongoAt(`mongodb://127.0.0.1:${await freePort()}`);
    const started = expect(store.start()).rejects.toThrow(Unavailable);
    await store.close();
    await started;
    expect(store.isUp()).toBe(false);
  });

  it('is refused when a newer version has been at the database', async () => {
    await using mongo = await startMongoServer();
    const url = newDatabaseUrl(mongo.url);
    const first = openMongoAt(url);
    await first.start();
    await first.close();
    await using client = new MongoClient(url);
    const meta = client.db(databaseName(url)).collection<{ _id: string; number: number }>('meta');
    await meta.updateOne({ _id: 'schema' }, { $inc: { number: 1 } });
    const second = openMongoAt(url);
    const refusal = await second.start().catch((error: unknown) => error);
    await second.close();
    expect(refusal).toBeInstanceOf(StartRefused);
    expect(refusal).toMatchObject({ reason: 'schema_too_new' });
  });

  it('is refused for a URL that the driver does not understand', () => {
    expect(() => openMongoAt('mongodb://127.0.0.1:1/?nonsense=1')).toThrow(StartRefused);
  });

  it('keeps data in `conclave` when the URL names no database', async () => {
    await using mongo = await startMongoServer();
    const store = openMongoAt(mongo.url);
    await store.start();
    await store.close();
    await using client = new MongoClient(mongo.url);
    const { databases } = await client.db().admin().listDatabases({ nameOnly: true });
    expect(databases.map((database) => database.name)).toContain('conclave');
  });
});
