import { MongoClient } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { databaseName } from '../../src/adapters/mongo/database-name.ts';
import { insertOrFind } from '../../src/adapters/mongo/duplicate-key.ts';
import { SCHEMA_NUMBER } from '../../src/adapters/mongo/schema.ts';
import { idBytes } from '../../src/protocol/ids.ts';
import { runSeed } from '../support/chance.ts';
import { PATIENCE_MS } from '../support/cluster/patience.ts';
import { settlingRacesContract } from './message-store-races-contract.ts';
import { anyMember, anyMessage, anyRecord, anyRoomId, anyUserId, ascending } from './support-store.ts';
import { everything, soon } from './support-store-messages.ts';
import {
  dropDatabase,
  newDatabaseUrl,
  openHalfRaised,
  openMongoAt,
  openMongoPair,
  withMongo,
} from './support-store-mongo.ts';

/** Each settles some hundred documents. `npm run test:long` plays 10,000. */
const HALF_RAISED_RACES = 150;

const mongo = withMongo();

settlingRacesContract(
  'MongoDB, one node of which writes the schema before',
  () => openHalfRaised(mongo.url),
  {
    count: HALF_RAISED_RACES,
    seed: runSeed(),
  },
);

describe('what the nodes of a database agree on', () => {
  it('is one document, also when all of them ask for it at once', async () => {
    const url = newDatabaseUrl(mongo.url);
    const nodes = Array.from({ length: 8 }, () => new MongoClient(url));
    for (let round = 0; round < 20; round += 1) {
      const names = await Promise.all(
        nodes.map(async (node, index) => {
          const documents = node.db().collection<{ _id: string; node: number }>('agreed');
          return (await insertOrFind(documents, { _id: `round ${round}`, node: index })).node;
        }),
      );
      expect(new Set(names).size).toBe(1);
    }
    await Promise.all(nodes.map((node) => node.close()));
    await dropDatabase(url);
  });
});

describe('the schema of a MongoDB store', () => {
  it('is the newest in a new database', async () => {
    const url = newDatabaseUrl(mongo.url);
    const store = openMongoAt(url, PATIENCE_MS);
    await store.start();
    expect(store.schema.inForce()).toBe(SCHEMA_NUMBER);
    await store.close();
    await dropDatabase(url);
  });

  it('stays that of the release before until it is raised: a settled position is a document', async () => {
    await using stores = await openMongoPair(mongo.url, 1);
    const { a, b, url } = stores;
    const [room, reader] = [anyRoomId(), anyUserId()];
    await a.messages.append([anyMessage({ room, seq: 3, to: [reader] })]);
    expect(await a.messages.settle(room, [{ from: 1, through: 300 }], soon())).toBe(false);
    await using client = new MongoClient(url);
    const stored = client.db(databaseName(url)).collection('messages');
    expect(await stored.countDocuments({ room: idBytes(room) })).toBe(300);
    expect(await b.messages.append([anyMessage({ room, seq: 299 })])).toEqual([{ kind: 'taken' }]);

    await b.schema.raise();
    expect(await a.schema.refresh()).toBe(SCHEMA_NUMBER);
    await a.messages.settle(room, [{ from: 301, through: 900 }], soon());
    expect(await stored.countDocuments({ room: idBytes(room) })).toBe(301);
    const rows = await a.messages.page(room, reader, { ...everything, after: 298 });
    expect(rows).toEqual([
      { seq: 299, kind: 'nothing' },
      { seq: 300, kind: 'nothing' },
      { seq: 900, kind: 'nothing', from: 301 },
    ]);
  });

  it('is raised once the members of every room are counted, and raising it twice changes nothing', async () => {
    await using stores = await openMongoPair(mongo.url, 1);
    const { a, b, url } = stores;
    const records = Array.from({ length: 130 }, () =>
      anyRecord({ members: ascending([anyMember(), anyMember()]) }),
    );
    await Promise.all(records.map((record) => a.rooms.create(record)));
    await using client = new MongoClient(url);
    const rooms = client.db(databaseName(url)).collection('rooms');
    // As the release before leaves them.
    await rooms.updateMany({}, { $unset: { memberCount: 1, countedAt: 1 } });
    await b.schema.raise();
    expect(await rooms.countDocuments({ memberCount: 2, countedAt: 1 })).toBe(records.length);
    await a.schema.raise();
    expect(a.schema.inForce()).toBe(SCHEMA_NUMBER);
  });
});
