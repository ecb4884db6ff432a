import { MongoClient } from 'mongodb';
import { expect, test } from 'vitest';
import { startMongoServer } from './mongo-server.ts';

test('what MongoDB acknowledged survives SIGKILL and a restart', async () => {
  await using mongo = await startMongoServer();
  await using client = new MongoClient(mongo.url);
  const things = client.db('kill').collection<{ _id: number }>('things');
  await things.insertOne({ _id: 1 }, { writeConcern: { w: 'majority' } });
  await mongo.kill();
  await mongo.restart();
  await expect(things.countDocuments()).resolves.toBe(1);
});
