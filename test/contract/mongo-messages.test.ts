import { messageStoreContract } from './message-store-contract.ts';
import { openMongoPair, withMongo } from './support-store-mongo.ts';

const mongo = withMongo();

// Each race takes twenty times as long as on LMDB.
messageStoreContract('MongoDB', () => openMongoPair(mongo.url), { races: 300 });
