import { randomBytes } from 'node:crypto';
import { BSON, MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect } from 'vitest';
import { databaseName } from '../../src/adapters/mongo/database-name.ts';
import { openMongo } from '../../src/adapters/mongo/open-mongo.ts';
import { SCHEMA_NUMBER } from '../../src/adapters/mongo/schema.ts';
import type { StoreBackend } from '../../src/ports/backend.ts';
import { PATIENCE_MS } from '../support/cluster/patience.ts';
import { silentTelemetry } from '../support/ports/silent-telemetry.ts';
import { type MongoServer, startMongoServer } from '../support/services/mongo-server.ts';
import type { StoreLimits, StorePair } from './support-store.ts';

/** The gateway's default. */
export const mongoTimeoutMs = 450;

/** The server of all tests of a suite: the shared one, or one of their own, from the first of them to the last. */
export function withMongo(): { readonly url: string } {
  const mongo = { url: process.env['TEST_MONGODB_URL'] ?? '' };
  if (mongo.url !== '') return mongo;
  let own: MongoServer;
  beforeAll(async () => {
    own = await startMongoServer();
    mongo.url = own.url;
  });
  afterAll(() => own[Symbol.asyncDispose]());
  return mongo;
}

/** A database that no other test uses, on the server of `url`. */
export function newDatabaseUrl(url: string): string {
  const name = `conclave-test-${randomBytes(6).toString('hex')}`;
  const [, server, options] = /^(mongodb(?:\+srv)?:\/\/[^/?]*)\/?[^?]*(\?.*)?$/.exec(url) ?? [];
  if (server === undefined) throw new TypeError('TEST_MONGODB_URL is no MongoDB URL');
  return `${server}/${name}${options ?? ''}`;
}

export function openMongoAt(
  url: string,
  timeoutMs: number = mongoTimeoutMs,
  limits: StoreLimits = {},
): StoreBackend {
  return openMongo({ url, timeoutMs, telemetry: silentTelemetry(), ...limits });
}

/** The server may be one that outlives the tests. */
export async function dropDatabase(url: string): Promise<void> {
  await using client = new MongoClient(url);
  await client.db().dropDatabase();
}

/** Every byte of every document. */
export async function everythingIn(url: string): Promise<Buffer> {
  await using client = new MongoClient(url);
  const collections = await client.db().collections();
  const documents = await Promise.all(collections.map((each) => each.find().toArray()));
  return Buffer.concat(documents.flat().map((document) => BSON.serialize(document)));
}

/** As a release whose newest schema this was leaves a database behind. */
async function claimSchema(url: string, number: number): Promise<void> {
  await using client = new MongoClient(url);
  const schemas = client.db(databaseName(url)).collection<{ _id: string; number: number }>('meta');
  await schemas.insertOne({ _id: 'schema', number });
}

/** Two nodes on one new database, which is dropped with them. */
export async function openMongoPair(
  url: string,
  schema = SCHEMA_NUMBER,
  limits: StoreLimits = {},
): Promise<StorePair & { readonly url: string }> {
  const database = newDatabaseUrl(url);
  await claimSchema(database, schema);
  const openOne = () => openMongoAt(database, PATIENCE_MS, limits);
  const [a, b] = [openOne(), openOne()];
  const close = async (): Promise<void> => {
    await Promise.all([a.close(), b.close()]);
    await dropDatabase(database);
  };
  try {
    await Promise.all([a.start(), b.start()]);
  } catch (error) {
    await close();
    throw error;
  }
  return { url: database, a, b, [Symbol.asyncDispose]: close };
}

/** The moment in which one of two nodes has heard of the raised schema and the other has not. */
export async function openHalfRaised(url: string): Promise<StorePair> {
  const stores = await openMongoPair(url, 1);
  await stores.b.schema.raise();
  expect([stores.a.schema.inForce(), stores.b.schema.inForce()]).toEqual([1, SCHEMA_NUMBER]);
  return stores;
}
