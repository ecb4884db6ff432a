import { afterAll, beforeAll } from 'vitest';
import { runSeed } from '../support/chance.ts';
import { settlingRacesContract } from './message-store-races-contract.ts';
import { openEmbeddedPair } from './support-store-embedded.ts';
import { openMongoPair, sharedMongo } from './support-store-mongo.ts';

const races = { count: 10_000, seed: runSeed() };

let mongo: Awaited<ReturnType<typeof sharedMongo>>;
beforeAll(async () => {
  mongo = await sharedMongo();
});
afterAll(() => mongo[Symbol.asyncDispose]());

settlingRacesContract('LMDB', openEmbeddedPair, races);
settlingRacesContract('MongoDB', () => openMongoPair(mongo.url), races);
