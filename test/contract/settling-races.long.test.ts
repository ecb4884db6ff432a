import { runSeed } from '../support/chance.ts';
import { settlingRacesContract } from './message-store-races-contract.ts';
import { openEmbeddedPair } from './support-store-embedded.ts';
import { openHalfRaised, openMongoPair, withMongo } from './support-store-mongo.ts';

const races = { count: 10_000, seed: runSeed() };

const mongo = withMongo();

settlingRacesContract('LMDB', openEmbeddedPair, races);
settlingRacesContract('MongoDB', () => openMongoPair(mongo.url), races);
settlingRacesContract(
  'MongoDB, one node of which writes the schema before',
  () => openHalfRaised(mongo.url),
  races,
);
