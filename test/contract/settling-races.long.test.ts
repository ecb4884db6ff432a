import { runSeed } from '../support/chance.ts';
import { settlingRacesContract } from './message-store-races-contract.ts';
import { openEmbeddedPair } from './support-store-embedded.ts';
import { openMongoPair, withMongo } from './support-store-mongo.ts';

const races = { count: 10_000, seed: runSeed() };

const mongo = withMongo();

settlingRacesContract('LMDB', openEmbeddedPair, races);
settlingRacesContract('MongoDB', () => openMongoPair(mongo.url), races);
